// `$recordId`: where a document stands. Of a capped collection that is its position; else the place of its row in the table.
// DIFFERS: an update gives a row another place, where MongoDB keeps the number.

import type { Document } from '../../../values/bson/types.ts';
import type { CollectionInfo } from './catalog.ts';

const field = '$recordId';

/** As SQL, an int8. */
export function recordIdColumn({ isCapped }: CollectionInfo): string {
  return isCapped ? 'position' : '((ctid::text::point)[0]::int8 << 16) + (ctid::text::point)[1]::int8';
}

export function addRecordId(document: Document, id: bigint): Document {
  return document.set(field, id);
}

/** A projection that leaves the record id alone, behind what it shows. */
export function withRecordId(project: ((document: Document) => Document) | undefined): ((document: Document) => Document) | undefined {
  if (project === undefined) return undefined;
  return (document) => {
    const id = document.get(field);
    document.delete(field);
    const shown = project(document);
    return id === undefined ? shown : shown.set(field, id);
  };
}

// `$recordId`: a document's place in the order of insertion. Tables and collections that SQL made have no such column.
// DIFFERS: of their rows it is the place in the table, which an update changes.

import type { Document } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { CollectionInfo } from './catalog.ts';
import { namespaceOf } from './names.ts';

const field = '$recordId';

/** As SQL, an int8. Throws DocumentError: CommandNotSupported. */
export function recordIdColumn({ hasPositions, table, target }: CollectionInfo): string {
  if (table?.hasPlaces === false) throw new DocumentError('CommandNotSupported', `showRecordId is not supported for ${namespaceOf(target)}: the rows of a view have no place`);
  return hasPositions ? 'position' : '((ctid::text::point)[0]::int8 << 16) + (ctid::text::point)[1]::int8';
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

// The collection that a command reads, by its name or its UUID. Source: MongoDB 7.0, CommandHelpers::parseNsOrUUID.

import type { CollectionName } from '../../../facets/documents/index.ts';
import { Binary } from '../../../values/bson/types.ts';
import type { CommandContext } from '../command.ts';
import { type Read, takingNull, uuid } from '../fields.ts';
import { collectionName } from '../names.ts';

/** Throws DocumentError: BadValue, InvalidUUID. */
export const nameOrUuid: Read<string | Uint8Array> = takingNull((value, path) => (value instanceof Binary && value.subtype === 4 ? uuid(value, path) : collectionName(value, path)));

/** Throws DocumentError: NamespaceNotFound where no collection of the database has the UUID. */
export async function targetOf({ documents, operation, database }: CommandContext, named: string | Uint8Array): Promise<CollectionName> {
  return typeof named === 'string' ? { database, collection: named } : await documents.collectionOf(operation, { database, uuid: named });
}

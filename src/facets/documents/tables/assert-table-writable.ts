// Whether rows may be written by drivers at all; whether this role may is PostgreSQL's to say.

import { DocumentError } from '../errors.ts';
import type { CollectionInfo } from '../store/catalog.ts';
import { namespaceOf } from '../store/names.ts';

/** Throws DocumentError: CommandNotSupportedOnView. */
export function assertTableWritable({ table, target }: CollectionInfo): void {
  if (table?.readOnly === 'keyspace') throw new DocumentError('CommandNotSupportedOnView', `Namespace ${namespaceOf(target)} shows the keys of Redis clients, and is written by them or by SQL's functions`);
  if (table?.readOnly === 'view') throw new DocumentError('CommandNotSupportedOnView', `Namespace ${namespaceOf(target)} is a view, not a collection`);
}

/** For what only collections have. Throws DocumentError: CommandNotSupported. */
export function refuseTable({ table, target }: CollectionInfo, what: string): void {
  if (table !== undefined) throw new DocumentError('CommandNotSupported', `${what} is not supported for ${namespaceOf(target)}, which is a table of SQL: use SQL`);
}

// bulkWrite: neighbors of one kind go as one command.

import { type Document, ObjectId } from 'bson';
import { FacetError } from '../kernel/errors.ts';
import type { Filter, OptionalId, Update } from './document-types.ts';
import { DocumentWriteError, type WriteError } from './document-errors.ts';

type UpdateItem<T, U> = { readonly filter: Filter<T>; readonly upsert?: boolean; readonly arrayFilters?: readonly Document[]; readonly hint?: string | Document } & U;

export type BulkOperation<T> =
  | { readonly insertOne: { readonly document: OptionalId<T> } }
  | { readonly updateOne: UpdateItem<T, { readonly update: Update<T> }> }
  | { readonly updateMany: UpdateItem<T, { readonly update: Update<T> }> }
  | { readonly replaceOne: UpdateItem<T, { readonly replacement: OptionalId<T> }> }
  | { readonly deleteOne: { readonly filter: Filter<T>; readonly hint?: string | Document } }
  | { readonly deleteMany: { readonly filter: Filter<T>; readonly hint?: string | Document } };

export type BulkResult = {
  readonly insertedCount: number; readonly matchedCount: number; readonly modifiedCount: number; readonly deletedCount: number; readonly upsertedCount: number;
  /** By the operation's place. */
  readonly insertedIds: Readonly<Record<number, unknown>>;
  readonly upsertedIds: Readonly<Record<number, unknown>>;
};

type Kind = 'insert' | 'update' | 'delete';
type Item = { readonly kind: Kind; readonly index: number; readonly entry: Document };

const listNames = { insert: 'documents', update: 'updates', delete: 'deletes' } as const;

type Counts = { -readonly [Name in keyof BulkResult]: BulkResult[Name] extends number ? number : Record<number, unknown> };

type Bulk<T> = { readonly name: string; readonly operations: readonly BulkOperation<T>[]; readonly ordered: boolean };

/** Throws DocumentWriteError with every refusal, after all that could be written was. */
export async function runBulk<T>(run: (command: Document) => Promise<Document>, { name, operations, ordered }: Bulk<T>): Promise<BulkResult> {
  const counts: Counts = { insertedCount: 0, matchedCount: 0, modifiedCount: 0, deletedCount: 0, upsertedCount: 0, insertedIds: {}, upsertedIds: {} };
  const errors: WriteError[] = [];
  for (const items of runsOf(operations.map(itemOf), ordered)) {
    const { kind } = items[0]!;
    const reply = await run({ [kind]: name, [listNames[kind]]: items.map(({ entry }) => entry), ordered });
    const refused = ((reply['writeErrors'] as WriteError[] | undefined) ?? []).map((error) => ({ ...error, index: items[error.index]!.index }));
    add(counts, { items, reply, refused });
    errors.push(...refused);
    if (ordered && errors.length > 0) break;
  }
  if (errors.length > 0) throw new DocumentWriteError(errors, counts.insertedCount + counts.matchedCount + counts.upsertedCount + counts.deletedCount);
  return counts;
}

function itemOf<T>(operation: BulkOperation<T>, index: number): Item {
  if ('insertOne' in operation) {
    const document = operation.insertOne.document as Document;
    return { kind: 'insert', index, entry: document['_id'] === undefined ? { _id: new ObjectId(), ...document } : document };
  }
  if ('updateOne' in operation) return updateItem(index, operation.updateOne, operation.updateOne.update, false);
  if ('updateMany' in operation) return updateItem(index, operation.updateMany, operation.updateMany.update, true);
  if ('replaceOne' in operation) return updateItem(index, operation.replaceOne, operation.replaceOne.replacement, false);
  if ('deleteOne' in operation) return { kind: 'delete', index, entry: { ...operation.deleteOne, q: operation.deleteOne.filter, filter: undefined, limit: 1 } };
  if ('deleteMany' in operation) return { kind: 'delete', index, entry: { ...operation.deleteMany, q: operation.deleteMany.filter, filter: undefined, limit: 0 } };
  throw new FacetError('data_invalid', `operation ${index} of a bulkWrite is none: ${Object.keys(operation).join(', ')}`);
}

function updateItem(index: number, { filter, upsert, arrayFilters, hint }: UpdateItem<unknown, unknown>, update: unknown, multi: boolean): Item {
  return { kind: 'update', index, entry: { q: filter, u: update, multi, upsert, arrayFilters, hint } };
}

/** Without an order those of a kind go together, wherever they stand. */
function runsOf(items: readonly Item[], ordered: boolean): Item[][] {
  if (!ordered) return (['insert', 'update', 'delete'] as const).map((kind) => items.filter((item) => item.kind === kind)).filter((run) => run.length > 0);
  const runs: Item[][] = [];
  for (const item of items) {
    const last = runs.at(-1);
    if (last?.[0]?.kind === item.kind) last.push(item);
    else runs.push([item]);
  }
  return runs;
}

function add(counts: Counts, { items, reply, refused }: { readonly items: readonly Item[]; readonly reply: Document; readonly refused: readonly WriteError[] }): void {
  const n = Number(reply['n'] ?? 0);
  switch (items[0]!.kind) {
    case 'insert': {
      counts.insertedCount += n;
      const failed = new Set(refused.map(({ index }) => index));
      for (const { index, entry } of items.slice(0, n + refused.length)) if (!failed.has(index)) counts.insertedIds[index] = entry['_id'];
      return;
    }
    case 'update': {
      const upserted = (reply['upserted'] as readonly { readonly index: number; readonly _id: unknown }[] | undefined) ?? [];
      counts.upsertedCount += upserted.length;
      counts.matchedCount += n - upserted.length;
      counts.modifiedCount += Number(reply['nModified'] ?? 0);
      for (const { index, _id } of upserted) counts.upsertedIds[items[index]!.index] = _id;
      return;
    }
    case 'delete':
      counts.deletedCount += n;
  }
}

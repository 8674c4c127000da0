// Writes of one document each that many clients ask for at once, as one transaction.

import { type Connection, type DataRow, type Step, statement } from '../../../engine/client.ts';
import { decodeDocument } from '../../../values/bson/decode.ts';
import { encodeDocument } from '../../../values/bson/encode.ts';
import type { Document } from '../../../values/bson/types.ts';
import type { CollectionInfo } from './catalog.ts';
import type { DocumentRow } from './document-rows.ts';
import { namespaceOf, tableOf } from './names.ts';
import type { RetryableWrite } from './operations.ts';
import { bsonOf, documentColumns } from './rows.ts';
import { statementFor } from './statements.ts';
import { deleteStep, insertSteps, updateStep } from './write-steps.ts';

/** What a write makes of a document. Without `becomes` it stays as it is. */
export type SingleChange = {
  readonly reply: Document;
  readonly becomes?: { readonly row: DocumentRow; readonly document: Document } | 'nothing';
};

export type SingleWrite = {
  readonly info: CollectionInfo;
  /** The document's row. */
  readonly key: Buffer;
  readonly retryable: RetryableWrite | undefined;
} & (
  | { /** A new document, that nobody needs to look for. */ readonly row: DocumentRow; readonly reply: Document; readonly change?: undefined }
  | {
      /**
       * The change of the document as it is now. It is not given where there is none, or where another transaction has
       * locked it. Undefined: it has to be done alone.
       */
      readonly change: (document: Document | undefined) => SingleChange | undefined;
      readonly row?: undefined;
    }
);

const begin = statement('begin isolation level read committed');
const commit = statement('commit');
const claim = statement('select facetdb.claim_writes($1, $2, $3)', ['bytea[]', 'int8[]', 'bytea[]']);

/** A document that writes of the group look at: as it was found, and as it is by now. */
type Current = { readonly key: Buffer; readonly wasThere: boolean; document: Document | undefined; row: DocumentRow | undefined };

/** What a group does to one collection. */
type Changes = { readonly info: CollectionInfo; readonly wanted: Map<string, Buffer>; readonly current: Map<string, Current>; readonly inserted: { readonly row: DocumentRow }[] };

/** The reply to each write; undefined for those that have to be done alone. Throws where one of them makes the transaction fail. */
export async function writeGroup(connection: Connection, writes: readonly SingleWrite[]): Promise<(Document | undefined)[]> {
  const collections = collectionsOf(writes);
  const isReading = [...collections.values()].some(({ wanted }) => wanted.size > 0);
  try {
    if (isReading) await connection.execute([{ statement: begin, values: [] }, ...[...collections.values()].flatMap(lockSteps)]);
    const replies = writes.map((write) => apply(write, collections.get(namespaceOf(write.info.target))!));
    const steps = [...[...collections.values()].flatMap(changeSteps), ...claimSteps(writes, replies)];
    if (isReading) steps.push({ statement: commit, values: [] });
    // Without a beginning, the steps are one transaction all the same.
    await connection.execute(steps);
    return replies;
  } catch (error) {
    if (connection.usable && connection.transactionStatus !== 'idle') await connection.command('rollback');
    throw error;
  }
}

/** By name: what is known of one collection may be told by several objects. */
function collectionsOf(writes: readonly SingleWrite[]): Map<string, Changes> {
  const collections = new Map<string, Changes>();
  for (const { info, key, change } of writes) {
    const name = namespaceOf(info.target);
    let changes = collections.get(name);
    if (changes === undefined) {
      changes = { info, wanted: new Map(), current: new Map(), inserted: [] };
      collections.set(name, changes);
    }
    if (change !== undefined) changes.wanted.set(key.toString('latin1'), key);
  }
  return collections;
}

/** Reads and locks what is to be changed; rows that somebody else has locked are left out. */
function lockSteps({ info, wanted, current }: Changes): Step[] {
  if (wanted.size === 0) return [];
  const onRow = (row: DataRow): void => {
    current.set(row.latin1(0), { key: Buffer.from(row.bytes(0)), wasThere: true, document: decodeDocument(bsonOf(row, 1)), row: undefined });
  };
  const text = `select id, ${documentColumns()} from ${tableOf(info.target)} where id = any($1) for update skip locked`;
  return [{ statement: statementFor(text, ['bytea[]']), values: [[...wanted.values()]], onRow }];
}

function apply(write: SingleWrite, { current, inserted }: Changes): Document | undefined {
  const name = write.key.toString('latin1');
  const known = current.get(name);
  if (write.change === undefined) {
    if (known !== undefined) return undefined;
    inserted.push(write);
    return write.reply;
  }
  const changed = changeOf(write.change, known?.document);
  if (changed?.becomes === undefined) return changed?.reply;
  const { document, row } = changed.becomes === 'nothing' ? { document: undefined, row: undefined } : changed.becomes;
  if (known !== undefined) Object.assign(known, { document, row });
  else if (row !== undefined) current.set(name, { key: row.key, wasThere: false, document, row });
  return changed.reply;
}

/** An error of one write is told by who does it alone; here it would undo the others. */
function changeOf(change: NonNullable<SingleWrite['change']>, document: Document | undefined): SingleChange | undefined {
  try {
    return change(document);
  } catch {
    return undefined;
  }
}

function changeSteps({ info, current, inserted }: Changes): Step[] {
  const updated: { readonly key: Buffer; readonly row: DocumentRow }[] = [];
  const removed: Buffer[] = [];
  const added: { readonly row: DocumentRow }[] = [...inserted];
  for (const { key, wasThere, document, row } of current.values()) {
    if (row !== undefined && wasThere) updated.push({ key, row });
    else if (row !== undefined) added.push({ row });
    else if (wasThere && document === undefined) removed.push(key);
  }
  const steps: Step[] = [];
  if (removed.length > 0) steps.push(deleteStep(info, removed));
  if (updated.length > 0) steps.push(updateStep(info, updated));
  if (added.length > 0) steps.push(...insertSteps(info, added));
  return steps;
}

/** Records of the retryable ones among those that are done. One that was done before makes the group fail. */
function claimSteps(writes: readonly SingleWrite[], replies: readonly (Document | undefined)[]): Step[] {
  const [sessions, numbers, results]: [Uint8Array[], bigint[], Uint8Array[]] = [[], [], []];
  for (const [index, { retryable }] of writes.entries()) {
    const reply = replies[index];
    if (retryable === undefined || reply === undefined) continue;
    sessions.push(retryable.session);
    numbers.push(retryable.number);
    results.push(encodeDocument(reply));
  }
  return sessions.length === 0 ? [] : [{ statement: claim, values: [sessions, numbers, results] }];
}

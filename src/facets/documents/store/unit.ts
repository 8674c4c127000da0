// The unit in which an operation writes: a transaction of its own, or a part of the client's. What begins it travels with
// its first statements and what ends it with the commit, so that a simple write takes two round trips.

import type { Connection, Step } from '../../../engine/client.ts';
import { statement } from '../../../engine/client.ts';
import type { Engine } from '../../../engine/engine.ts';
import { withBounds } from '../../../engine/statement-bounds.ts';
import { type FacetError, isFacetError } from '../../../kernel/errors.ts';
import { decodeDocument } from '../../../values/bson/decode.ts';
import { encodeDocument } from '../../../values/bson/encode.ts';
import type { Document } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { nameLockStep } from './locks.ts';
import { namespaceOf } from './names.ts';
import type { Operation, RetryableWrite } from './operations.ts';
import { translateStoreError } from './store-errors.ts';
import { writeRepeated, writeTooOld } from './store-migration.ts';

const begin = statement('begin isolation level read committed');
const commit = statement('commit');
const claim = statement('select facetdb.claim_write($1, $2, $3)', ['bytea', 'int8', 'bytea']);
const finish = statement('select facetdb.finish_write($1, $2)', ['bytea', 'bytea']);
const readWritten = statement('select txn_number, reply from facetdb.written_before($1)', ['bytea']);

/**
 * How often a unit of its own is tried: statements of a request hold what they have changed until its last one, so two requests
 * over the same documents can wait for each other.
 */
const conflictAttempts = 20;

/** What a write executes its statements through. */
export class Unit {
  readonly connection: Connection;
  /** What has to be sent before anything else: it travels with the next statements. */
  #prelude: Step[];
  /** Whether it is a part of the client's transaction: an error ends that as a whole. */
  readonly isPart: boolean;

  constructor(connection: Connection, prelude: Step[], isPart: boolean) {
    this.connection = connection;
    this.#prelude = prelude;
    this.isPart = isPart;
  }

  async execute(steps: readonly Step[]): Promise<string[]> {
    const prelude = this.#prelude;
    this.#prelude = [];
    const tags = await this.connection.execute([...prelude, ...steps]);
    return tags.slice(prelude.length);
  }

  /**
   * Executes a step whose result nobody waits for together with what follows, the commit at the latest: an error of it ends
   * the whole unit. In the client's transaction, at once.
   */
  async defer(step: Step): Promise<void> {
    this.#prelude.push(step);
    if (this.isPart) await this.execute([]);
  }

  async command(text: string): Promise<void> {
    if (this.#prelude.length > 0) await this.execute([]);
    await this.connection.command(text);
  }

  /** Runs `body`; what it did is undone, and the unit goes on, when it throws. */
  async attempt<T>(body: () => Promise<T>): Promise<T> {
    await this.command('savepoint attempt');
    try {
      const result = await body();
      if (this.#prelude.length > 0) await this.execute([]);
      await this.command('release savepoint attempt');
      return result;
    } catch (error) {
      if (this.connection.usable) await this.connection.command('rollback to savepoint attempt');
      throw error;
    }
  }
}

/** Runs `body` on a connection: the transaction's, or one of the role's pool. Errors are translated. */
export async function onConnection<T>(engine: Engine, operation: Operation, body: (connection: Connection) => Promise<T>): Promise<T> {
  const { transaction, role, signal } = operation;
  const bounded = (connection: Connection): Promise<T> => withBounds(connection, { signal }, () => body(connection));
  try {
    return await (transaction === undefined ? engine.pool(role).use(bounded, signal) : transaction.use(bounded));
  } catch (error) {
    throw endOf(operation, error);
  }
}

/** What a unit is about, and what it does. */
export type UnitWork = { readonly target: CollectionName; readonly body: (unit: Unit) => Promise<Document> };

/**
 * Runs `body` in a unit and gives its reply; that of the first time, for a retryable write that was done before. Where
 * the unit is a transaction of its own that another one is in the way of, `body` runs again.
 */
export async function inUnit(engine: Engine, operation: Operation, work: UnitWork): Promise<Document> {
  return await inUnitOf(engine, operation, { ...work, attempts: conflictAttempts });
}

/** The same for a `body` that can run only once, as it takes what it writes from a stream. */
export async function inSingleUnit(engine: Engine, operation: Operation, work: UnitWork): Promise<Document> {
  return await inUnitOf(engine, operation, { ...work, attempts: 1 });
}

async function inUnitOf(engine: Engine, operation: Operation, { target, body, attempts }: UnitWork & { readonly attempts: number }): Promise<Document> {
  if (operation.transaction !== undefined) return await onConnection(engine, operation, (connection) => body(new Unit(connection, [], true)));
  return await onConnection(engine, operation, async (connection) => {
    for (let attempt = 1; ; attempt++) {
      try {
        // Those that begin again take turns: each conflict leaves fewer that can have the next.
        return await ownTransaction(connection, operation.retryable, { body, prelude: attempt === 1 ? [] : [nameLockStep('turn', namespaceOf(target))] });
      } catch (error) {
        if (connection.usable && connection.transactionStatus !== 'idle') await connection.command('rollback').catch(() => {});
        if (attempt < attempts && connection.usable && isConflict(error)) continue;
        if (operation.retryable === undefined || !isFacetError(error) || !isRepetition(error)) throw error;
        return await firstReply(connection, operation.retryable);
      }
    }
  });
}

/** Whether PostgreSQL undid a transaction because of another one, so that nothing of it is there. */
function isConflict(error: unknown): boolean {
  return isFacetError(error, 'deadlock') || isFacetError(error, 'serialization_failure');
}

type OwnWork = Pick<UnitWork, 'body'> & { readonly prelude: readonly Step[] };

async function ownTransaction(connection: Connection, retryable: RetryableWrite | undefined, { body, prelude: first }: OwnWork): Promise<Document> {
  const prelude: Step[] = [{ statement: begin, values: [] }, ...first];
  if (retryable !== undefined) prelude.push({ statement: claim, values: [retryable.session, retryable.number, null] });
  const unit = new Unit(connection, prelude, false);
  const reply = await body(unit);
  const ending: Step[] = retryable === undefined ? [] : [{ statement: finish, values: [retryable.session, encodeDocument(reply)] }];
  await unit.execute([...ending, { statement: commit, values: [] }]);
  return reply;
}

/** Steps that record a write whose reply is known beforehand: they go in front of the write's own, as one transaction. */
export function recordSteps(retryable: RetryableWrite | undefined, reply: Document): Step[] {
  return retryable === undefined ? [] : [{ statement: claim, values: [retryable.session, retryable.number, encodeDocument(reply)] }];
}

/** Whether a write ended because it was done before: `firstReply` tells with what result. */
export function isRepetition(error: FacetError): boolean {
  return error.postgres?.sqlState === writeRepeated || error.postgres?.sqlState === writeTooOld;
}

/** The reply of a write that was done before. Throws DocumentError: TransactionTooOld. */
export async function firstReply(connection: Connection, { session, number }: RetryableWrite): Promise<Document> {
  const [written] = await connection.query(readWritten, [session]);
  if (written === undefined || written['txn_number'] !== number || !(written['reply'] instanceof Uint8Array)) {
    throw new DocumentError('TransactionTooOld', `Retryable write with txnNumber ${number} is prohibited on session because a newer retryable write with txnNumber ${String(written?.['txn_number'])} has already started on this session.`);
  }
  return decodeDocument(written['reply']);
}

function endOf({ signal }: Operation, error: unknown): unknown {
  if (signal?.aborted === true && signal.reason instanceof DocumentError && isFacetError(error, 'cancelled')) return signal.reason;
  return translateStoreError(error);
}

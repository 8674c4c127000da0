// Executes a group of requests as one transaction: runs them on a unit of work, fetches what they lack, runs them
// again, writes what they changed, commits. The heart of keys and values; what commands do is not known here.

import { type Connection, type Step, statement } from '../../engine/client.ts';
import { readTransaction, transactionOf } from '../../engine/snapshot.ts';
import { TakesLong } from '../../engine/takes-long.ts';
import { assert } from '../../kernel/assert.ts';
import { FacetError, isFacetError } from '../../kernel/errors.ts';
import { inTurns } from '../../kernel/in-turns.ts';
import { Blocked, type BlockedClients, type Waiter } from './blocked-clients.ts';
import type { Entry } from './entry.ts';
import { flushSlices } from './flush.ts';
import { keyvalueLimits } from './limits.ts';
import type { KeyEvent } from './key-events.ts';
import type { KeyRequest } from './key-request.ts';
import { load } from './load.ts';
import type { KnownKeys } from './known-keys.ts';
import { lookUp, wantKeys } from './look-up.ts';
import type { KeyMappings } from './mapped/key-mappings.ts';
import { Needs } from './needs.ts';
import { Missing, TooLong, Unit } from './unit.ts';

/** What a group is executed with. */
export type GroupContext = {
  readonly mode: 'read' | 'write';
  /** The request is alone, and may take long. */
  readonly isApart: boolean;
  readonly nowMs: () => number;
  readonly references: { take(): number | undefined; fetch(connection: Connection): Promise<void> };
  readonly blocked: BlockedClients;
  readonly mappings: KeyMappings;
  /** What is remembered of keys' rows; not within a transaction that others opened, which sees what nobody else does. */
  readonly known: KnownKeys | undefined;
  /** Called after the commit with what happened to keys. */
  readonly onEvents: (events: readonly KeyEvent[]) => void;
  /** Called with the keys that a group of readers found expired. */
  readonly onExpired: (entries: readonly Entry[]) => void;
};

/** Acknowledges this transaction before the log is flushed; it is flushed soon after. */
const relaxCommit = statement(`select set_config('synchronous_commit', 'off', true)`);

/** What stands for the reply of a request that waits: `Waiter.answer` follows. */
export const waiting = Symbol('waiting');

export type Attempt = {
  readonly unit: Unit;
  readonly replies: unknown[];
  /** Who began to wait in this attempt, and who was served; both hold only once it is committed. */
  readonly newWaiters: Set<Waiter>;
  readonly served: Map<Waiter, unknown>;
  /** Requests that turned out to take long. */
  readonly long: Set<KeyRequest>;
  inTransaction: boolean;
};

/** Replies in the order of the requests; a request's own error stands in its place. */
export async function executeGroup(connection: Connection, requests: readonly KeyRequest[], context: GroupContext): Promise<unknown[]> {
  const long = requests.filter((request) => request.isLong === true && !mayTakeLong(request, context));
  if (long.length > 0) throw new TakesLong(new Set(long));
  for (let attempts = 1; ; attempts++) {
    const attempt = newAttempt(context);
    try {
      await runAll(connection, requests, context, attempt);
      if (context.mode === 'read') await commit(connection, attempt, []);
      else await commitWrites(connection, requests, context, attempt);
    } catch (error) {
      if (attempt.inTransaction && connection.usable) await connection.command('rollback').catch(() => {});
      release(attempt, context);
      // Nothing of this attempt is there. Whoever executes them again, here or one by one, begins from the beginning.
      for (const request of requests) request.reset?.();
      // Another writer of the store was quicker.
      if (!isConflict(error) || attempts > keyvalueLimits.conflictRetries) throw error;
      continue;
    }
    finish(attempt, context);
    return attempt.replies;
  }
}

export function newAttempt(context: GroupContext): Attempt {
  const unit: Unit = new Unit({ mode: context.mode, nowMs: context.nowMs(), takeReference: () => takeReference(unit, context), mappings: context.mappings.ifAny });
  return { unit, replies: [], newWaiters: new Set(), served: new Map(), long: new Set(), inTransaction: false };
}

/** While a request that may change any key is carried out, nothing else is: there is nobody whom it could keep waiting. */
function mayTakeLong({ keys }: KeyRequest, { isApart, mode }: GroupContext): boolean {
  return isApart || (mode === 'write' && keys === 'all');
}

function isConflict(error: unknown): boolean {
  return (
    isFacetError(error, 'unique_violation') || isFacetError(error, 'serialization_failure') || isFacetError(error, 'deadlock')
  );
}

function takeReference(unit: Unit, { references }: GroupContext): number {
  const reference = references.take();
  if (reference !== undefined) return reference;
  unit.needs.reference = true;
  throw Missing.instance;
}

/** Runs the requests to their ends, fetching what they lack. */
export async function runAll(connection: Connection, requests: readonly KeyRequest[], context: GroupContext, attempt: Attempt): Promise<void> {
  const { unit } = attempt;
  let pending = requests.map((_, index) => index);
  const toServe: Entry[] = [];
  const simple = context.mode === 'read' && requests.every((request) => request.rowsOnly);
  // Nearly every command looks at its keys: fetched before, they spare it a first run that only finds them missing.
  if (simple && context.known !== undefined) await lookUp(connection, requests, unit, context.known);
  else wantKeys(requests, unit);
  for (let rounds = 0; ; ) {
    assert(rounds < keyvalueLimits.loadRounds, 'a command has enough at some time');
    const before = progressOf(attempt, pending);
    if (!unit.needs.isEmpty) {
      if (!simple && !attempt.inTransaction) begin(connection, attempt, context.mode);
      // This may take long: other groups of reads need not wait for it.
      if (context.mode === 'read' && context.known !== undefined) context.known.answersMost = false;
      await fetchNeeds(connection, unit, context);
    }
    pending = runPending(pending, toServe, requests, context, attempt);
    if (attempt.long.size > 0) throw new TakesLong(attempt.long);
    if (pending.length === 0 && toServe.length === 0) return;
    rounds = progressOf(attempt, pending) > before ? 0 : rounds + 1;
    assert(!unit.needs.isEmpty, 'a command that stopped lacks something');
  }
}

/** Grows with each command and each waiting client that is done. */
function progressOf({ unit, served }: Attempt, pending: readonly number[]): number {
  return unit.commandsEnded + served.size - pending.length;
}

async function fetchNeeds(connection: Connection, unit: Unit, context: GroupContext): Promise<void> {
  const { needs } = unit;
  unit.needs = new Needs();
  if (needs.reference) await context.references.fetch(connection);
  if (needs.settle || needs.questions.length > 0 || needs.general.size > 0) await writeChanges(connection, unit);
  if (needs.hasQuestions) await load(connection, unit, needs);
  for (const { entry, signature, start } of needs.computations) entry.answers.set(signature, await inTurns(start()));
}

/**
 * Runs what can run, in order; gives what has to wait for data. A request waits as well while one before it that
 * touches the same key does.
 */
function runPending(pending: readonly number[], toServe: Entry[], requests: readonly KeyRequest[], context: GroupContext, attempt: Attempt): number[] {
  const { unit, replies } = attempt;
  const stopped: number[] = [];
  const stoppedKeys = new Set<string>();
  unit.startedAt = performance.now();
  let barrier = !serveWaiters(toServe, context, attempt, stoppedKeys);
  for (const index of pending) {
    const request = requests[index]!;
    const mustWait = barrier || (request.keys === 'all' ? stopped.length > 0 : stoppedKeys.size > 0 && touches(request, stoppedKeys));
    if (!mustWait) {
      unit.lookAt(unit.firstOf[index]);
      unit.events.turn = index;
      unit.mayTakeLong = mayTakeLong(request, context);
      const reply = runOne(request, unit);
      if (reply === TooLong.instance) attempt.long.add(request);
      else if (reply !== Missing.instance) {
        replies[index] = reply instanceof Blocked ? wait(request, reply, attempt) : reply;
        if (unit.ready.size > 0 && !serveReady(toServe, context, attempt, stoppedKeys)) barrier = true;
        continue;
      }
    }
    stopped.push(index);
    if (request.keys === 'all') barrier = true;
    else for (const key of request.keys) stoppedKeys.add(`${request.space}:${key.toString('latin1')}`);
  }
  return stopped;
}

function touches(request: KeyRequest, keys: ReadonlySet<string>): boolean {
  return request.keys === 'all' || request.keys.some((key) => keys.has(`${request.space}:${key.toString('latin1')}`));
}

function runOne(request: KeyRequest, unit: Unit): unknown {
  try {
    return request.run(unit);
  } catch (error) {
    if (error instanceof FacetError && error.code === 'internal') throw error;
    return error instanceof Error ? error : new FacetError('internal', String(error));
  }
}

// Waiting clients: as in Redis they are served right after the command that made a key ready

function wait(request: KeyRequest, blocked: Blocked, attempt: Attempt): symbol {
  assert(request.waiter !== undefined, 'a request that may wait says for whom');
  request.waiter.blocked = blocked;
  attempt.newWaiters.add(request.waiter);
  return waiting;
}

/** Takes the keys that became ready and serves who waits for them; false when that lacks something. */
function serveReady(toServe: Entry[], context: GroupContext, attempt: Attempt, stoppedKeys: Set<string>): boolean {
  takeReady(toServe, attempt);
  return serveWaiters(toServe, context, attempt, stoppedKeys);
}

function takeReady(toServe: Entry[], { unit }: Attempt): void {
  for (const entry of unit.ready) toServe.push(entry);
  unit.ready.clear();
}

function serveWaiters(toServe: Entry[], { blocked }: GroupContext, attempt: Attempt, stoppedKeys: Set<string>): boolean {
  if (blocked.isEmpty && attempt.newWaiters.size === 0) {
    toServe.length = 0;
    return true;
  }
  for (let entry = toServe[0]; entry !== undefined; entry = toServe[0]) {
    for (const waiter of waitersOf(entry, blocked, attempt)) {
      if (waiter.isClaimed || waiter.isAbandoned) continue;
      const reply = retry(waiter, entry, attempt.unit);
      if (reply === Missing.instance) {
        stoppedKeys.add(`${entry.space}:${entry.name}`);
        return false;
      }
      if (reply === undefined) continue;
      waiter.isClaimed = true;
      attempt.served.set(waiter, reply);
    }
    toServe.shift();
    // Serving (BLMOVE) may have made other keys ready.
    takeReady(toServe, attempt);
  }
  return true;
}

function* waitersOf(entry: Entry, blocked: BlockedClients, { newWaiters }: Attempt): Generator<Waiter> {
  yield* blocked.waitersOf(entry.space, entry.name);
  for (const waiter of newWaiters) {
    const { blocked: wanted } = waiter;
    if (wanted?.space === entry.space && wanted.keys.some((key) => key.equals(entry.key))) yield waiter;
  }
}

function retry(waiter: Waiter, entry: Entry, unit: Unit): unknown {
  unit.mayTakeLong = true;
  try {
    return waiter.blocked!.retry(unit, entry);
  } catch (error) {
    return error instanceof Error ? error : new FacetError('internal', String(error));
  }
}

// The transaction

function begin(connection: Connection, attempt: Attempt, mode: 'read' | 'write'): void {
  attempt.inTransaction = true;
  // A read needs one snapshot for all it looks at; a write locks the keys that it looks at, and sees what is committed.
  const text = mode === 'read' ? 'begin isolation level repeatable read read only' : 'begin isolation level read committed';
  // Not awaited: it leaves with the first question, which fails if it does.
  connection.command(text).catch(() => {});
}

/** Writes what was changed so far. */
export async function writeChanges(connection: Connection, unit: Unit): Promise<void> {
  const dirty = [...unit.dirty()];
  if (dirty.length === 0) return;
  for (const steps of flushSlices(dirty)) await connection.execute(steps);
  for (const entry of dirty) entry.settled();
}

/** Commits what a group of writes changed, and remembers what the keys hold from then on. */
async function commitWrites(connection: Connection, requests: readonly KeyRequest[], { known }: GroupContext, attempt: Attempt): Promise<void> {
  // Who waited may have chosen otherwise than those that served it.
  const isRelaxed = attempt.served.size === 0 && requests.every((request) => request.isRelaxed === true);
  const steps = await writeButLast(connection, attempt);
  if (known === undefined || requests.some(({ keys }) => keys === 'all')) await commit(connection, attempt, steps, isRelaxed);
  else await commitKnown(connection, attempt, steps, { isRelaxed, known });
}

async function commitKnown(connection: Connection, attempt: Attempt, steps: Step[], { isRelaxed, known }: { readonly isRelaxed: boolean; readonly known: KnownKeys }): Promise<void> {
  const change = known.beginChange([...attempt.unit.changed()]);
  let transaction: number | undefined;
  let committed: number | undefined;
  // Where nothing is written, nothing was changed.
  if (steps.length > 0 || attempt.inTransaction) steps.push({ statement: readTransaction, values: [], onRow: (row) => (transaction = transactionOf(row)) });
  try {
    await commit(connection, attempt, steps, isRelaxed);
    committed = transaction;
  } finally {
    known.endChange(change, committed);
  }
}

/** Writes what was changed but the last slice of it, which leaves with the commit. */
async function writeButLast(connection: Connection, attempt: Attempt): Promise<Step[]> {
  let last: Step[] = [];
  for (const steps of flushSlices([...attempt.unit.dirty()])) {
    if (last.length > 0) {
      if (!attempt.inTransaction) begin(connection, attempt, 'write');
      await connection.execute(last);
    }
    last = steps;
  }
  return last;
}

async function commit(connection: Connection, attempt: Attempt, steps: readonly Step[], isRelaxed = false): Promise<void> {
  if (!attempt.inTransaction) {
    if (steps.length > 0) await connection.execute(relaxed(steps, isRelaxed));
    return;
  }
  // Both leave in one write; after an error the commit is answered with a rollback.
  const sent = relaxed(steps, isRelaxed);
  const written = sent.length === 0 ? undefined : connection.execute(sent);
  const committed = connection.command('commit');
  committed.catch(() => {});
  await written;
  const [tag] = await committed;
  attempt.inTransaction = false;
  if (tag === 'ROLLBACK') throw new FacetError('transaction_aborted', 'the group was rolled back');
}

function relaxed(steps: readonly Step[], isRelaxed: boolean): readonly Step[] {
  return isRelaxed ? [{ statement: relaxCommit, values: [] }, ...steps] : steps;
}

/** After an attempt that failed: what it had for waiting clients is not there. */
function release({ served }: Attempt, { blocked }: GroupContext): void {
  for (const waiter of served.keys()) {
    waiter.isClaimed = false;
    if (waiter.isAbandoned) blocked.remove(waiter);
  }
}

/** After the commit: what was provisional holds. */
function finish(attempt: Attempt, context: GroupContext): void {
  for (const waiter of attempt.newWaiters) if (!waiter.isClaimed && !waiter.isAbandoned) context.blocked.add(waiter);
  if (attempt.unit.events.length > 0) context.onEvents(attempt.unit.events.inOrder());
  if (attempt.unit.expired.length > 0) context.onExpired(attempt.unit.expired);
  for (const [waiter, reply] of attempt.served) {
    context.blocked.remove(waiter);
    waiter.answer(reply instanceof Error ? reply : undefined, reply);
  }
}

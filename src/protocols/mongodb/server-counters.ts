// What this gateway has done since its start, for the command serverStatus: counted where it happens, and shown as it was
// counted. Which commands count as which operation is as in MongoDB 7.0, src/mongo/db/stats/counters.h.

import { isNumeric, type Document, type Maybe } from '../../values/bson/types.ts';
import type { Reply } from './command.ts';
import { numberOf } from './fields.ts';
import { RawDocuments } from './raw-documents.ts';

type OperationName = 'insert' | 'query' | 'update' | 'delete' | 'getmore' | 'command';

/** Commands that count as operations of their own: as one, or as many as there are statements in a field. */
const operationOf: ReadonlyMap<string, { readonly operation: OperationName; readonly statements?: string }> = new Map([
  ['find', { operation: 'query' }], ['getMore', { operation: 'getmore' }], ['insert', { operation: 'insert', statements: 'documents' }],
  ['update', { operation: 'update', statements: 'updates' }], ['delete', { operation: 'delete', statements: 'deletes' }],
]);

const reads: ReadonlySet<string> = new Set(['find', 'count', 'distinct', 'aggregate', 'getMore']);
const writes: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'findAndModify']);

export type CommandKind = 'reads' | 'writes' | 'commands';

export function kindOf(command: string): CommandKind {
  return reads.has(command) ? 'reads' : writes.has(command) ? 'writes' : 'commands';
}

export type Latency = { operations: number; micros: number };
export type CommandCount = { failed: number; total: number };
export type TransactionCounters = { started: number; committed: number; aborted: number };

export type CommandDone = { readonly command: string; readonly body: Document; /** Undefined of one that failed. */ readonly reply: Reply | undefined; readonly micros: number };

export class ServerCounters {
  readonly operations: Record<OperationName, number> = { insert: 0, query: 0, update: 0, delete: 0, getmore: 0, command: 0 };
  readonly documents = { deleted: 0, inserted: 0, returned: 0, updated: 0 };
  readonly latencies: Record<CommandKind, Latency> = { reads: { operations: 0, micros: 0 }, writes: { operations: 0, micros: 0 }, commands: { operations: 0, micros: 0 } };
  /** By the command's name. */
  readonly commands = new Map<string, CommandCount>();
  readonly transactions: TransactionCounters = { started: 0, committed: 0, aborted: 0 };
  /** Requests that were answered with an error. */
  failures = 0;
  requests = 0;
  /** Of messages; what compression saved is not subtracted. */
  messageBytes = { in: 0, out: 0 };
  /** As they passed. */
  socketBytes = { in: 0, out: 0 };

  unknownCommand(): void {
    this.failures += 1;
  }

  done({ command, body, reply, micros }: CommandDone): void {
    const { operation, statements } = operationOf.get(command) ?? { operation: 'command' };
    const listed = statements === undefined ? undefined : body.get(statements);
    this.operations[operation] += Array.isArray(listed) ? listed.length : 1;
    const latency = this.latencies[kindOf(command)];
    latency.operations += 1;
    latency.micros += micros;
    let count = this.commands.get(command);
    if (count === undefined) this.commands.set(command, (count = { failed: 0, total: 0 }));
    count.total += 1;
    if (reply === undefined) {
      count.failed += 1;
      this.failures += 1;
    } else if (reply instanceof RawDocuments) this.documents.returned += reply.documents.length;
    else this.#written(command, reply);
  }

  #written(command: string, reply: Document): void {
    if (command === 'insert') this.documents.inserted += countIn(reply.get('n'));
    if (command === 'delete') this.documents.deleted += countIn(reply.get('n'));
    if (command === 'update') {
      const upserted = reply.get('upserted');
      this.documents.updated += countIn(reply.get('nModified'));
      this.documents.inserted += Array.isArray(upserted) ? upserted.length : 0;
    }
    if (command === 'findAndModify') this.#modified(reply.get('lastErrorObject'));
  }

  #modified(outcome: Maybe): void {
    if (!(outcome instanceof Map) || countIn(outcome.get('n')) === 0) return;
    if (outcome.has('upserted')) this.documents.inserted += 1;
    else if (outcome.has('updatedExisting')) this.documents.updated += 1;
    else this.documents.deleted += 1;
  }
}

function countIn(value: Maybe): number {
  return isNumeric(value) ? numberOf(value) : 0;
}

// Operations on one document each, and small queries, of all clients of a role together: what they ask for within one turn goes to PostgreSQL
// as one group (see engine/group.ts). Reads by `_id` are one statement a collection. Writes are one transaction: the documents that
// are to be changed are locked and read, changed here one after the other, and written back with the records of retryable
// writes. What cannot be done in a group without waiting (a row that another transaction has locked, a key that is there
// already, an error of any statement) is left to who asked, who does it alone.

import type { Engine } from '../../../engine/engine.ts';
import type { DataRow } from '../../../engine/client.ts';
import type { Grouper } from '../../../engine/group.ts';
import type { GroupKind } from '../../../engine/group-kind.ts';
import type { EngineObserver } from '../../../engine/observer.ts';
import { keyLookupParameters } from '../../../engine/key-lookup-parameters.ts';
import { RoleGroups } from '../../../engine/role-groups.ts';
import { isFacetError } from '../../../kernel/errors.ts';
import type { CollectionInfo } from './catalog.ts';
import type { Operation } from './operations.ts';
import { type SmallQuery, NotedStatements, queryGroup, queryLaneParameters } from './query-group.ts';
import { type SingleRead, readGroup } from './read-group.ts';
import type { Query } from './query.ts';
import { type SingleWrite, writeGroup } from './write-group.ts';
import type { Document } from '../../../values/bson/types.ts';

const laneParameters = {
  ...keyLookupParameters,
  // A group must not wait for one transaction's lock: whoever has to, waits alone.
  lock_timeout: '20ms',
} as const;
/** Requests in one group: as many documents as stay well within a message. */
const groupSize = 200;
/** Of documents and their JSON that a write brings; a larger one goes alone. */
const longestDocument = 256 * 1_024;

/** Errors after which the operation can be done once more, as it had no effect: all but these. */
const finalErrors = ['connection_lost', 'engine_unavailable', 'shutting_down', 'limit_exceeded'] as const;

const kinds = [
  { name: 'documents.read', lanes: 2, size: groupSize, even: true, gathers: true, run: readGroup } satisfies GroupKind<SingleRead, Buffer | null>,
  { name: 'documents.write', lanes: 1, size: groupSize, run: writeGroup } satisfies GroupKind<SingleWrite, Document | undefined>,
] as unknown as readonly GroupKind<never, unknown>[];

/** Not in a transaction, with nothing that could end it while it is under way in a group, and not about a table's row. */
export function isGroupable({ transaction, isTimed }: Operation, { table }: Pick<CollectionInfo, 'table'>): boolean {
  return transaction === undefined && isTimed !== true && table === undefined;
}

/** Who asks for a read. */
type Asker = Pick<Operation, 'role' | 'client'>;

export class DocumentGroups {
  readonly #roles: RoleGroups;
  readonly #queries: RoleGroups;
  readonly #slow = new NotedStatements();

  constructor(engine: Engine, observer: EngineObserver) {
    this.#roles = new RoleGroups({ connect: (role) => engine.connect(role, undefined, laneParameters), observer, kinds });
    const queries = [queryGroup({ slow: this.#slow, arrays: new NotedStatements() })] as unknown as readonly GroupKind<never, unknown>[];
    this.#queries = new RoleGroups({ connect: (role) => engine.connect(role, undefined, queryLaneParameters), observer, kinds: queries });
  }

  /** The document's bytes, null where there is none; undefined where it has to be read alone. */
  read({ role, client }: Asker, request: SingleRead): Promise<Buffer | null | undefined> {
    return submit<SingleRead, Buffer | null>(this.#roles.of(role), client, { kind: 'documents.read', request });
  }

  /** The reply; undefined where it has to be done alone: then nothing was done. */
  async write(role: string, request: SingleWrite): Promise<Document | undefined> {
    if (request.row !== undefined && request.row.bytes.length > longestDocument) return undefined;
    return await submit<SingleWrite, Document | undefined>(this.#roles.of(role), undefined, { kind: 'documents.write', request });
  }

  /** All rows of a query that has few; undefined where it has to be asked alone. */
  async query<Row>({ role, client }: Asker, query: Query, read: (row: DataRow) => Row): Promise<Row[] | undefined> {
    if (this.#slow.has(query)) return undefined;
    const rows = await submit<SmallQuery, unknown[] | undefined>(this.#queries.of(role), client, {
      kind: 'documents.query',
      request: { query, read },
      onRefused: (error) => {
        if (isFacetError(error, 'cancelled')) this.#slow.add(query);
      },
    });
    return rows as Row[] | undefined;
  }

  async close(): Promise<void> {
    await Promise.all([this.#roles.close(), this.#queries.close()]);
  }
}

type Submitted<Request> = { readonly kind: string; readonly request: Request; readonly onRefused?: (error: Error) => void };

function submit<Request, Reply>(grouper: Grouper, client: number | undefined, { kind, request, onRefused }: Submitted<Request>): Promise<Reply | undefined> {
  return new Promise((resolve, reject) => {
    // A client's connection has one request under way at a time, so that its order holds by itself.
    grouper.submit<Request, Reply>(grouper.origin(client), kind, request, (error, reply) => {
      if (error === undefined) return resolve(reply);
      if (finalErrors.some((code) => isFacetError(error, code))) return reject(error);
      onRefused?.(error);
      resolve(undefined);
    });
  });
}

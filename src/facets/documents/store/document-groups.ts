// Operations on one document each, of all clients of a role together: what they ask for within one turn goes to PostgreSQL
// as one group (see engine/group.ts). Reads are one statement a collection. Writes are one transaction: the documents that
// are to be changed are locked and read, changed here one after the other, and written back with the records of retryable
// writes. What cannot be done in a group without waiting (a row that another transaction has locked, a key that is there
// already, an error of any statement) is left to who asked, who does it alone.

import type { Engine } from '../../../engine/engine.ts';
import type { GroupKind } from '../../../engine/group.ts';
import type { EngineObserver } from '../../../engine/observer.ts';
import { keyLookupParameters } from '../../../engine/key-lookup-parameters.ts';
import { RoleGroups } from '../../../engine/role-groups.ts';
import { isFacetError } from '../../../kernel/errors.ts';
import { type SingleRead, readGroup } from './read-group.ts';
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
  { name: 'documents.read', lanes: 2, size: groupSize, run: readGroup } satisfies GroupKind<SingleRead, Buffer | null>,
  { name: 'documents.write', lanes: 1, size: groupSize, run: writeGroup } satisfies GroupKind<SingleWrite, Document | undefined>,
] as unknown as readonly GroupKind<never, unknown>[];

export class DocumentGroups {
  readonly #roles: RoleGroups;

  constructor(engine: Engine, observer: EngineObserver) {
    this.#roles = new RoleGroups({ connect: (role) => engine.connect(role, undefined, laneParameters), observer, kinds });
  }

  /** The document's bytes, null where there is none; undefined where it has to be read alone. */
  async read(role: string, request: SingleRead): Promise<Buffer | null | undefined> {
    return await this.#submit<SingleRead, Buffer | null>(role, 'documents.read', request);
  }

  /** The reply; undefined where it has to be done alone: then nothing was done. */
  async write(role: string, request: SingleWrite): Promise<Document | undefined> {
    if (request.row !== undefined && request.row.bytes.length > longestDocument) return undefined;
    return await this.#submit<SingleWrite, Document | undefined>(role, 'documents.write', request);
  }

  async close(): Promise<void> {
    await this.#roles.close();
  }

  #submit<Request, Reply>(role: string, kind: string, request: Request): Promise<Reply | undefined> {
    const grouper = this.#roles.of(role);
    return new Promise((resolve, reject) => {
      // A client's connection has one request under way at a time, so that its order holds by itself.
      grouper.submit<Request, Reply>(grouper.origin(), kind, request, (error, reply) => {
        if (error === undefined) resolve(reply);
        else if (finalErrors.some((code) => isFacetError(error, code))) reject(error);
        else resolve(undefined);
      });
    });
  }
}

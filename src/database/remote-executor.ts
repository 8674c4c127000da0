// A store elsewhere, over HTTP: the same operations as of one in this process, as far as HTTP has them.

import { type Document, deserialize, serialize } from 'bson';
import { DocumentError } from '../facets/documents/index.ts';
import type { SqlOutcome, SqlResult, SqlRow } from '../facets/relational/index.ts';
import { FacetError } from '../kernel/errors.ts';
import { bsonOf, jsonOf } from '../protocols/http/extended-json.ts';
import { replyOfJson } from '../protocols/http/key-reply.ts';
import { fromTypedJson } from '../protocols/http/typed-json.ts';
import type { PlainReply } from '../protocols/redis/plain-reply.ts';
import type { BeginOptions, Bounds, Executor, StoreExecutor, TransactionExecutor } from './executor.ts';
import type { HttpDoor } from './http-door.ts';

class RemoteExecutor implements Executor {
  protected readonly door: HttpDoor;
  readonly #headers: Readonly<Record<string, string>>;

  /** `transaction`: the token of the one that everything is a part of. */
  constructor(door: HttpDoor, transaction?: string) {
    this.door = door;
    this.#headers = transaction === undefined ? {} : { 'facetdb-transaction': transaction };
  }

  async query(text: string, values: readonly unknown[], bounds: Bounds): Promise<SqlResult> {
    const { rows, rowCount, command } = (await this.door.json(this.#sql(text, values, bounds))) as { rows: SqlRow[]; rowCount: number; command: string };
    return { rows: rows.map(rowOf), rowCount, tag: command };
  }

  async *stream(text: string, values: readonly unknown[], bounds: Bounds): AsyncGenerator<readonly SqlRow[]> {
    const request = this.#sql(text, values, bounds);
    for await (const lines of this.door.lines({ ...request, headers: { ...request.headers, accept: 'application/x-ndjson' } })) yield lines.map((line) => rowOf(JSON.parse(line) as SqlRow));
  }

  copyFrom(): Promise<SqlOutcome> {
    return Promise.reject(noCopy());
  }

  // oxlint-disable-next-line require-yield -- it has nothing to give
  async *copyTo(): AsyncGenerator<readonly Uint8Array[]> {
    throw noCopy();
  }

  async command(database: string, command: Document, { signal, timeoutMs }: Bounds): Promise<Document> {
    const whole = { ...command, ...(timeoutMs === undefined ? {} : { maxTimeMS: timeoutMs }) };
    const body = jsonOf(serialize(whole, { ignoreUndefined: true }), 'canonical');
    try {
      const reply = await this.door.json({ path: `/commands/documents/${encodeURIComponent(database)}?form=canonical`, body, headers: this.#headers, signal });
      return deserialize(bsonOf(reply, 'reply'));
    } catch (error) {
      // A failed command has a reply too.
      if (error instanceof DocumentError) return { ok: 0, code: error.number, codeName: error.codeName, errmsg: error.details };
      throw error;
    }
  }

  async keys(request: readonly Uint8Array[], space: number, { signal }: Bounds): Promise<PlainReply> {
    const body = request.map((bytes) => ({ base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') }));
    const { reply } = (await this.door.json({ path: `/commands/keys/${space}`, body, headers: this.#headers, signal })) as { reply: unknown };
    return replyOfJson(reply);
  }

  #sql(statement: string, values: readonly unknown[], { signal, timeoutMs }: Bounds) {
    const body = { statement, parameters: values.map(parameterOf), form: 'typed', ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    return { path: '/sql', body, headers: this.#headers, signal };
  }
}

class RemoteTransaction extends RemoteExecutor implements TransactionExecutor {
  readonly #token: string;
  #hasEnded = false;

  constructor(door: HttpDoor, token: string) {
    super(door, token);
    this.#token = token;
  }

  share(): Promise<string> {
    return Promise.resolve(this.#token);
  }

  async commit(): Promise<void> {
    this.#hasEnded = true;
    await this.door.post({ path: `/transactions/${this.#token}/commit`, body: {} });
  }

  async rollback(): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    // What cannot be reached is rolled back there, once it has been idle.
    await this.door.post({ path: `/transactions/${this.#token}/rollback`, body: {} }).catch(() => {});
  }
}

export class RemoteStore extends RemoteExecutor implements StoreExecutor {
  async begin(options: BeginOptions): Promise<TransactionExecutor> {
    const { token } = (await this.door.json({ path: '/transactions', body: options })) as { token: string };
    return new RemoteTransaction(this.door, token);
  }

  async join(token: string): Promise<Executor> {
    const joined = new RemoteExecutor(this.door, token);
    await joined.query('select', [], {});
    return joined;
  }

  as(role: string): StoreExecutor {
    throw new FacetError('permission_denied', `over HTTP "${role}" logs in itself: connect with its password, or with a token that was issued for it`);
  }
}

function rowOf(row: SqlRow): SqlRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, fromTypedJson(value)]));
}

/** As the texts that PostgreSQL reads, where JSON has no type for them. */
function parameterOf(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
  return Array.isArray(value) ? value.map(parameterOf) : value;
}

function noCopy(): FacetError {
  return new FacetError('engine_unsupported', 'COPY does not go over HTTP: POST /data/{schema}/{table} takes streams of rows, and POST /sql gives them');
}

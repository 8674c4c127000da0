// Keys that stand for rows of tables or for documents. What SQL maps is known here as soon as it is committed.

import type { Connection } from '../../../engine/client.ts';
import type { Engine } from '../../../engine/engine.ts';
import { quoteIdentifier } from '../../../engine/quoting.ts';
import { messageOf } from '../../../kernel/errors.ts';
import type { Log } from '../../../kernel/log.ts';
import { keyvalueLimits } from '../limits.ts';
import { mappingsChannel } from './key-mappings-migration.ts';

/** Where keys with a prefix lead. */
export type KeyMapping = {
  readonly space: number;
  readonly prefix: Buffer;
  /** For people: `shop.movies`. */
  readonly name: string;
  /** Quoted, with its schema. */
  readonly relation: string;
  /** The primary key's column and its type, as SQL; undefined for a collection. */
  readonly key: { readonly column: string; readonly type: string } | undefined;
};

type Row = { readonly space: number; readonly prefix: string; readonly schema: string; readonly name: string; readonly keyColumn: string | null; readonly keyType: string | null };

const readMappings = `
  select m.space, m.prefix, n.nspname::text as schema, c.relname::text as name, a.attname::text as "keyColumn", format_type(a.atttypid, null) as "keyType"
  from facetdb.key_mappings m join pg_class c on c.oid = m.relation join pg_namespace n on n.oid = c.relnamespace
  left join pg_attribute a on a.attrelid = m.relation and a.attname = m.key_column and not a.attisdropped
  where m.key_column is null or a.attname is not null`;

export class KeyMappings {
  readonly #engine: Engine;
  readonly #log: Log;
  #mappings: readonly KeyMapping[] = [];
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  /** What is being read may be older than what was told last. */
  #isStale = false;
  #listening: Promise<Connection | undefined> | undefined;
  #closed = false;

  constructor(engine: Engine, log: Log) {
    this.#engine = engine;
    this.#log = log;
  }

  /** Changes of mappings are told; that a relation or a column was renamed or dropped is seen when it is looked. */
  start(): void {
    const look = (): void => {
      this.#listening ??= this.#listen();
      this.#look();
    };
    look();
    this.#timer = setInterval(look, keyvalueLimits.mappingsReadMs).unref();
  }

  /** Itself, where any key is mapped. */
  get ifAny(): this | undefined {
    return this.#mappings.length === 0 ? undefined : this;
  }

  /** The mapping of a key: that of the longest prefix. */
  find(space: number, key: Buffer): KeyMapping | undefined {
    for (const mapping of this.#mappings) {
      const { prefix } = mapping;
      if (mapping.space === space && key.length > prefix.length && key.subarray(0, prefix.length).equals(prefix)) return mapping;
    }
    return undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#reading;
    const connection = await this.#listening;
    await connection?.close();
  }

  /** Undefined where PostgreSQL is away: the next look tries again. */
  async #listen(): Promise<Connection | undefined> {
    try {
      const connection = await this.#engine.connect(this.#engine.ownRole);
      connection.onNotification = () => this.#look();
      connection.onLost = () => {
        this.#listening = undefined;
      };
      await connection.command(`listen ${mappingsChannel}`);
      // What was mapped before anybody listened was not told.
      this.#look();
      return connection;
    } catch (error) {
      this.#listening = undefined;
      this.#log.debug({ error: messageOf(error) }, 'changes of the mappings of keys are not told');
      return undefined;
    }
  }

  /** One reading at a time. */
  #look(): void {
    this.#isStale = true;
    this.#reading ??= this.#readAll();
  }

  async #readAll(): Promise<void> {
    while (this.#isStale && !this.#closed) {
      this.#isStale = false;
      await this.#read();
    }
    this.#reading = undefined;
  }

  async #read(): Promise<void> {
    try {
      const rows = await this.#engine.systemPool.query<Row>(readMappings);
      this.#mappings = rows.map(mappingOf).toSorted((left, right) => right.prefix.length - left.prefix.length);
    } catch (error) {
      this.#log.debug({ error: messageOf(error) }, 'the mappings of keys could not be read');
    }
  }
}

function mappingOf({ space, prefix, schema, name, keyColumn, keyType }: Row): KeyMapping {
  return {
    space,
    prefix: Buffer.from(prefix),
    name: `${schema}.${name}`,
    relation: `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
    key: keyColumn === null || keyType === null ? undefined : { column: quoteIdentifier(keyColumn), type: keyType },
  };
}

// What the routes below /data know of a table or a collection: the same for both. Items are JSON texts; a key is the text that
// stands for it in a path.

export type SortField = { readonly name: string; readonly isDescending: boolean };

export type ListQuery = {
  /** In JSON; undefined for all. */
  readonly filter: unknown;
  readonly sort: readonly SortField[];
  readonly fields: readonly string[] | undefined;
  readonly limit: number;
  readonly after: string | undefined;
};

export type Page = { readonly items: readonly string[]; /** Where the next page begins; undefined after the last. */ readonly after: string | undefined };
export type Item = { readonly json: string; readonly key: string };
/** A body of JSON: as it came, and as it was read. */
export type JsonBody = { readonly text: string; readonly value: unknown };

/** In which state an item has to be to be changed: one of these tags, any (`exists`), or not there. */
export type Condition = { readonly tags?: readonly string[]; readonly exists?: true; readonly absent?: true };

/** `mismatch`: it is there, in another state. */
export type ChangeResult = { readonly json: string; readonly isNew: boolean } | 'missing' | 'mismatch';

export type DataSource = {
  readonly list: (query: ListQuery) => Promise<Page>;
  readonly get: (key: string, fields: readonly string[] | undefined) => Promise<string | undefined>;
  /** All or none. */
  readonly insert: (items: readonly JsonBody[], whole: JsonBody) => Promise<readonly Item[]>;
  readonly replace: (key: string, body: JsonBody, condition: Condition) => Promise<ChangeResult>;
  readonly patch: (key: string, body: JsonBody, condition: Condition) => Promise<ChangeResult>;
  /** The item as it was. */
  readonly remove: (key: string, condition: Condition) => Promise<ChangeResult>;
  /** Loads streamed rows in one transaction, batch by batch. */
  readonly load: (batches: AsyncIterable<RowBatch>, onLoaded: (rows: number) => void) => Promise<void>;
  /** How a field of CSV is read. */
  readonly csvValue: (name: string, text: string, isQuoted: boolean) => unknown;
};

/** Rows of a stream: each JSON text with the number of its line. */
export type RowBatch = readonly { readonly text: string; readonly value: Record<string, unknown>; readonly line: number }[];

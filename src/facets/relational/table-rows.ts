// Rows of a table or view by their key: listed, read, inserted, replaced, changed, removed. Rows come and go as JSON texts, as
// PostgreSQL itself writes and reads them, so that no number loses a digit. Every statement runs as the role that asks.

import type { Connection } from '../../engine/client.ts';
import type { Engine } from '../../engine/engine.ts';
import { type EngineObserver, noObserver } from '../../engine/observer.ts';
import { quoteIdentifier, quoteLiteral } from '../../engine/quoting.ts';
import { withBounds } from '../../engine/statement-bounds.ts';
import { statementOf } from '../../engine/statement-cache.ts';
import { assert } from '../../kernel/assert.ts';
import { FacetError } from '../../kernel/errors.ts';
import { relationalLimits } from './limits.ts';
import type { SqlOperation } from './operation.ts';
import { withInvalidColumn } from './invalid-column.ts';
import { type Relation, columnOf, isJson, nameOf, readRelation, readRelations } from './relation.ts';
import { RelationCache } from './relation-cache.ts';
import { RowGroups } from './row-groups.ts';
import { rowJsonSql, rowTagSql } from './row-json.ts';
import { SqlParameters } from './sql-parameters.ts';
import { filterSql } from './table-filter.ts';
import { type SortField, TableOrder } from './table-page.ts';

/** A row that comes in: a JSON object and the names of its members. */
export type RowRecord = { readonly json: string; readonly names: readonly string[] };
/** Several: a JSON array of objects, and the names of the members of each. */
export type RowList = { readonly json: string; readonly names: readonly (readonly string[])[] };
export type StoredRow = { readonly json: string; readonly key: readonly string[] };

export type ListQuery = {
  readonly filter?: unknown;
  readonly sort: readonly SortField[];
  readonly fields?: readonly string[] | undefined;
  readonly limit: number;
  /** The place of the last row of the page before. */
  readonly after?: { readonly signature: string; readonly position: readonly (string | null)[] } | undefined;
};
export type ListPage = { readonly rows: readonly string[]; readonly next: { readonly signature: string; readonly position: readonly (string | null)[] } | undefined };

/** Which row, and in which of these states (see `rowTagOf`) only. */
export type RowTarget = { readonly key: readonly string[]; readonly tags?: readonly string[] | undefined; /** Whether a replacement may not insert it. */ readonly mustExist?: boolean };

type Text = { readonly text: string; readonly values: readonly unknown[] };
type Row = Record<string, unknown>;

/** Errors of all methods: `object_unknown`, `permission_denied`, `data_invalid` with the field, and what PostgreSQL answers. */
export class TableRows {
  readonly #engine: Engine;
  readonly #cache = new RelationCache();
  readonly #groups: RowGroups;

  constructor(engine: Engine, observer: EngineObserver = noObserver) {
    this.#engine = engine;
    this.#groups = new RowGroups(engine, observer);
  }

  async close(): Promise<void> {
    await this.#groups.close();
  }

  /** The table or view, as the role sees it: at once where it was asked for a moment ago, but not in a transaction. */
  describe(operation: SqlOperation, schema: string, name: string): Relation | Promise<Relation> {
    const read = async (): Promise<Relation> => {
      const relation = await this.#use(operation, (connection) => readRelation(connection, schema, name));
      if (relation === undefined) throw new FacetError('object_unknown', `there is no "${schema}"."${name}"`);
      return relation;
    };
    return operation.transaction === undefined ? this.#cache.find({ role: operation.role, schema, name }, read) : read();
  }

  /** All that the role can see, up to `limit`. */
  async describeAll(operation: SqlOperation, limit: number): Promise<Relation[]> {
    return await this.#use(operation, (connection) => readRelations(connection, limit));
  }

  async list(operation: SqlOperation, relation: Relation, { filter = {}, sort, fields, limit, after }: ListQuery): Promise<ListPage> {
    assert(Number.isSafeInteger(limit), 'a whole limit');
    const parameters = new SqlParameters();
    const order = new TableOrder(relation, 'r', sort);
    const conditions = [filterSql(filter, { relation, alias: 'r', parameters })];
    if (after !== undefined) {
      if (after.signature !== order.signature || !order.isTotal) throw new FacetError('data_invalid', 'it belongs to a listing of another order', { field: 'after' });
      conditions.push(order.afterSql(after.position, parameters));
    }
    // The limit is no parameter: PostgreSQL would take a tenth of the table for it, and so plan each such statement anew.
    const text = `select ${rowJsonSql(relation, 'r', fields)} as json, ${order.positionSql} as position from ${nameOf(relation)} r where ${conditions.join(' and ')}${order.orderBy === undefined ? '' : ` order by ${order.orderBy}`} limit ${limit + 1}`;
    const rows = (await this.#query(operation, { text, values: parameters.values })) as { json: string; position: (string | null)[] }[];
    const page = rows.slice(0, limit);
    const hasMore = rows.length > limit && order.isTotal;
    return { rows: page.map(({ json }) => json), next: hasMore ? { signature: order.signature, position: page.at(-1)!.position } : undefined };
  }

  /** The row's JSON; undefined where there is none. */
  async get(operation: SqlOperation, relation: Relation, key: readonly string[], fields?: readonly string[]): Promise<string | undefined> {
    if (relation.kind === 'table' && operation.transaction === undefined && fields === undefined && key.length === relation.key.length && key.length > 0) {
      const found = await this.#groups.read(operation.role, { relation, key });
      if (found !== undefined) return found ?? undefined;
    }
    const parameters = new SqlParameters();
    const text = `select ${rowJsonSql(relation, 'r', fields)} as json from ${nameOf(relation)} r where ${keySql(relation, key, parameters)}`;
    const [row] = await this.#query(operation, { text, values: parameters.values });
    return row?.['json'] as string | undefined;
  }

  /** All or none of the rows (those at `places` only); gives them as they are stored, in their order, where they are to be `returned`. */
  async insert(operation: SqlOperation, relation: Relation, rows: RowList, { isReturned, places = rows.names.map((_, place) => place) }: { readonly isReturned: boolean; readonly places?: readonly number[] }): Promise<StoredRow[]> {
    const shapes = shapesOf(rows, places);
    const stored: StoredRow[] = [];
    const steps = shapes.map((shape) => ({ places: shape, ...insertText(relation, rows, shape, isReturned) }));
    await this.#naming(operation, relation, rows.json, () => this.#use(operation, (connection) =>
      connection.execute(
        steps.map(({ places: shape, text, values }) => {
          let next = 0;
          return {
            statement: statementOf(text),
            values,
            onRow: (row) => void (stored[shape[next++]!] = { json: row.utf8(0), key: JSON.parse(row.utf8(1)) as string[] }),
          };
        }),
      ),
    ));
    return stored;
  }

  /** Columns that are not given take their defaults. `inserted`: there was none. Undefined where it was not to be changed. */
  async replace(operation: SqlOperation, relation: Relation, target: RowTarget, record: RowRecord): Promise<{ readonly json: string; readonly isNew: boolean } | undefined> {
    assertKeyAgrees(relation, target.key, record);
    const updated = await this.#update(operation, relation, target, { record, isWhole: true });
    if (updated !== undefined || target.tags !== undefined || target.mustExist === true || relation.kind === 'view') return updated === undefined ? undefined : { json: updated, isNew: false };
    const parameters = new SqlParameters();
    const given = assigned(relation, record.names);
    const columns = [...new Set([...relation.key, ...given])].map(quoteIdentifier);
    const set = assignmentsOf(relation, given, { isWhole: true, value: (name) => `excluded.${quoteIdentifier(name)}` });
    const text = `insert into ${nameOf(relation)} as r (${columns.join(', ')}) select ${columns.map((name) => `p.${name}`).join(', ')} from ${recordSql(relation, target.key, record, parameters)} p
      on conflict (${relation.key.map(quoteIdentifier).join(', ')}) do update set ${set} returning ${rowJsonSql(relation, 'r')} as json, r.xmax = 0 as "isNew"`;
    const [row] = await this.#naming(operation, relation, `[${record.json}]`, () => this.#query(operation, { text, values: parameters.values }));
    return row as { json: string; isNew: boolean } | undefined;
  }

  /** Inserts the row under this key; undefined where there is one. */
  async create(operation: SqlOperation, relation: Relation, key: readonly string[], record: RowRecord): Promise<string | undefined> {
    assertKeyAgrees(relation, key, record);
    const parameters = new SqlParameters();
    const columns = [...new Set([...relation.key, ...assigned(relation, record.names)])].map(quoteIdentifier);
    const text = `insert into ${nameOf(relation)} as r (${columns.join(', ')}) select ${columns.map((name) => `p.${name}`).join(', ')} from ${recordSql(relation, key, record, parameters)} p
      on conflict (${relation.key.map(quoteIdentifier).join(', ')}) do nothing returning ${rowJsonSql(relation, 'r')} as json`;
    const [row] = await this.#naming(operation, relation, `[${record.json}]`, () => this.#query(operation, { text, values: parameters.values }));
    return row?.['json'] as string | undefined;
  }

  /** Changes what `patch` names, columns of JSON by RFC 7396. Undefined where no such row is in such a state. */
  async patch(operation: SqlOperation, relation: Relation, target: RowTarget, patch: RowRecord): Promise<string | undefined> {
    return await this.#update(operation, relation, target, { record: patch, isWhole: false });
  }

  /** The row as it was; undefined where none is in such a state. */
  async remove(operation: SqlOperation, relation: Relation, target: RowTarget): Promise<string | undefined> {
    const parameters = new SqlParameters();
    const text = `delete from ${nameOf(relation)} r where ${targetSql(relation, target, parameters)} returning ${rowJsonSql(relation, 'r')} as json`;
    const [row] = await this.#query(operation, { text, values: parameters.values });
    return row?.['json'] as string | undefined;
  }

  async #update(operation: SqlOperation, relation: Relation, target: RowTarget, { record, isWhole }: { readonly record: RowRecord; readonly isWhole: boolean }): Promise<string | undefined> {
    const parameters = new SqlParameters();
    const source = isWhole ? recordSql(relation, target.key, record, parameters) : patchSql(relation, record, parameters);
    const given = assigned(relation, record.names).filter((name) => !isWhole || !relation.key.includes(name));
    const set = assignmentsOf(relation, given, { isWhole, value: (name) => valueSql(relation, name, isWhole) });
    const text = `update ${nameOf(relation)} as r set ${set} from ${source} p${isWhole ? '' : ', (select $1::jsonb as patch) as q'} where ${targetSql(relation, target, parameters)} returning ${rowJsonSql(relation, 'r')} as json`;
    const [row] = await this.#naming(operation, relation, `[${record.json}]`, () => this.#query(operation, { text, values: parameters.values }));
    return row?.['json'] as string | undefined;
  }

  /** Errors for a value that is not valid say of which column it is; in a transaction that has failed it cannot be asked. */
  async #naming<T>(operation: SqlOperation, relation: Relation, json: string, body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (error) {
      throw operation.transaction === undefined ? await withInvalidColumn(error, { relation, json, ask: (ask) => this.#use(operation, ask) }) : error;
    }
  }

  async #query(operation: SqlOperation, { text, values }: Text): Promise<Row[]> {
    return await this.#use(operation, (connection) => connection.query(statementOf(text), values));
  }

  async #use<T>({ role, transaction, signal, timeoutMs }: SqlOperation, body: (connection: Connection) => Promise<T>): Promise<T> {
    const bounded = (connection: Connection): Promise<T> => withBounds(connection, { signal, timeoutMs }, () => body(connection));
    return transaction === undefined ? await this.#engine.pool(role).use(bounded, signal) : await transaction.use(bounded);
  }
}

/** Errors: `data_invalid` with the field, for names that are no columns and columns that cannot be written. */
function assigned(relation: Relation, names: readonly string[]): readonly string[] {
  for (const name of names) {
    if (columnOf(relation, name, name).isGenerated) throw new FacetError('data_invalid', `PostgreSQL computes the column "${name}"`, { field: name });
  }
  return names;
}

/** The places of rows with the same columns. Errors: `limit_exceeded`. */
function shapesOf({ names }: RowList, places: readonly number[]): readonly (readonly number[])[] {
  const shapes = new Map<string, number[]>();
  for (const place of places) {
    // Rows of nothing but defaults cannot be inserted together.
    const shape = names[place]!.length === 0 ? `${place}` : JSON.stringify([...names[place]!].sort());
    const known = shapes.get(shape);
    if (known === undefined) shapes.set(shape, [place]);
    else known.push(place);
  }
  if (shapes.size > relationalLimits.insertShapes) throw new FacetError('limit_exceeded', `the rows of one insertion have at most ${relationalLimits.insertShapes} sets of columns`);
  return [...shapes.values()];
}

function insertText(relation: Relation, { json, names }: RowList, places: readonly number[], isReturned: boolean): Text {
  const columns = assigned(relation, names[places[0]!]!).map(quoteIdentifier);
  const key = `to_json(array[${relation.key.map((name) => `r.${quoteIdentifier(name)}::text`).join(', ')}]::text[])::text`;
  const returning = isReturned ? ` returning ${rowJsonSql(relation, 'r')}, ${key}` : '';
  if (columns.length === 0) return { text: `insert into ${nameOf(relation)} as r default values${returning}`, values: [] };
  const source = `jsonb_array_elements($1::jsonb) with ordinality as e (value, place), jsonb_populate_record(null::${nameOf(relation)}, e.value) as p`;
  const isAll = places.length === names.length;
  return {
    text: `insert into ${nameOf(relation)} as r (${columns.join(', ')}) select ${columns.map((name) => `p.${name}`).join(', ')} from ${source}${isAll ? '' : ' where e.place = any($2::int8[])'} order by e.place${returning}`,
    values: isAll ? [json] : [json, places.map((place) => place + 1)],
  };
}

function keySql(relation: Relation, key: readonly string[], parameters: SqlParameters): string {
  if (relation.key.length === 0) throw new FacetError('data_invalid', `"${relation.name}" has no primary key: the parameter "key" names columns that tell its rows apart`, { field: 'key' });
  if (key.length !== relation.key.length) throw new FacetError('data_invalid', `the key of "${relation.name}" has ${relation.key.length} parts: ${relation.key.join(', ')}`, { field: 'key' });
  return relation.key.map((name, index) => `r.${quoteIdentifier(name)} = ${parameters.bind(key[index]!)}::${columnOf(relation, name, 'key').type}`).join(' and ');
}

function targetSql(relation: Relation, { key, tags }: RowTarget, parameters: SqlParameters): string {
  const condition = keySql(relation, key, parameters);
  return tags === undefined ? condition : `${condition} and ${rowTagSql(relation, 'r')} = any(${parameters.bind(tags)}::text[])`;
}

/** The record with its key, typed. */
function recordSql(relation: Relation, key: readonly string[], record: RowRecord, parameters: SqlParameters): string {
  const keyJson = JSON.stringify(Object.fromEntries(relation.key.map((name, index) => [name, key[index]])));
  return `jsonb_populate_record(null::${nameOf(relation)}, ${parameters.bind(record.json)}::jsonb || ${parameters.bind(keyJson)}::jsonb)`;
}

/** Members that are patches of JSON columns are not read as these columns' values. */
function patchSql(relation: Relation, patch: RowRecord, parameters: SqlParameters): string {
  return `jsonb_populate_record(null::${nameOf(relation)}, ${parameters.bind(patch.json)}::jsonb)`;
}

function valueSql(relation: Relation, name: string, isWhole: boolean): string {
  const column = columnOf(relation, name, name);
  const quoted = quoteIdentifier(name);
  if (isWhole || !isJson(column)) return `p.${quoted}`;
  return `nullif(facetdb.merge_patch(r.${quoted}::jsonb, q.patch -> ${quoteLiteral(name)}), 'null'::jsonb)::${column.typeName}`;
}

function assignmentsOf(relation: Relation, given: readonly string[], { isWhole, value }: { readonly isWhole: boolean; readonly value: (name: string) => string }): string {
  const set = given.map((name) => `${quoteIdentifier(name)} = ${value(name)}`);
  if (isWhole) {
    for (const { name, isGenerated } of relation.columns) {
      if (!isGenerated && !given.includes(name) && !relation.key.includes(name)) set.push(`${quoteIdentifier(name)} = default`);
    }
  }
  // A row of nothing but its key is changed to itself: whether it is there, and may be changed, is told all the same.
  const [first] = relation.key;
  if (set.length === 0 && first !== undefined) set.push(`${quoteIdentifier(first)} = r.${quoteIdentifier(first)}`);
  return set.join(', ');
}

function assertKeyAgrees(relation: Relation, key: readonly string[], { json, names }: RowRecord): void {
  const shared = relation.key.filter((name) => names.includes(name));
  if (shared.length === 0) return;
  const record = JSON.parse(json) as Record<string, unknown>;
  for (const name of shared) {
    if (String(record[name]) !== key[relation.key.indexOf(name)]) throw new FacetError('data_invalid', `it is not the "${name}" that the path names`, { field: name });
  }
}

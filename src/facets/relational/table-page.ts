// Pages of a table: its order by the columns that were asked for and then its key, so that it is total, and where a page
// begins: after the last row of the one before (keyset paging: no rows are counted off, none are seen twice).

import { quoteIdentifier } from '../../engine/quoting.ts';
import { FacetError } from '../../kernel/errors.ts';
import { type Relation, type RelationColumn, readableColumnOf } from './relation.ts';
import type { SqlParameters } from './sql-parameters.ts';

export type SortField = { readonly name: string; readonly isDescending: boolean };

type OrderColumn = { readonly column: RelationColumn; readonly sql: string; readonly isDescending: boolean };

export class TableOrder {
  readonly #columns: readonly OrderColumn[];
  /** Whether no two rows are equal in it: only then there is a next page. */
  readonly isTotal: boolean;

  /** Errors: `data_invalid` with the field, `permission_denied`. */
  constructor(relation: Relation, alias: string, sort: readonly SortField[]) {
    const key = relation.key.filter((name) => sort.every((field) => field.name !== name));
    const fields = [...sort.map((field) => ({ ...field, field: 'sort' })), ...key.map((name) => ({ name, isDescending: sort.at(-1)?.isDescending ?? false, field: 'key' }))];
    this.#columns = fields.map(({ name, isDescending, field }) => ({ column: readableColumnOf(relation, name, field), sql: `${alias}.${quoteIdentifier(name)}`, isDescending }));
    this.isTotal = relation.key.length > 0;
  }

  /** `r."year" desc, r."id"`; undefined for no order at all. */
  get orderBy(): string | undefined {
    return this.#columns.length === 0 ? undefined : this.#columns.map(({ sql, isDescending }) => `${sql}${isDescending ? ' desc' : ''}`).join(', ');
  }

  /** The row's place, as a list of texts. */
  get positionSql(): string {
    return `array[${this.#columns.map(({ sql }) => `${sql}::text`).join(', ')}]::text[]`;
  }

  /** What tells this order from others. */
  get signature(): string {
    return JSON.stringify(this.#columns.map(({ column, isDescending }) => [column.name, isDescending]));
  }

  /** The condition that a row comes after the place `position`. Errors: `data_invalid`. */
  afterSql(position: readonly (string | null)[], parameters: SqlParameters): string {
    if (position.length !== this.#columns.length) throw new FacetError('data_invalid', 'it is not of this listing', { field: 'after' });
    const values = position.map((text, index) => (text === null ? null : `${parameters.bind(text)}::${this.#columns[index]!.column.type}`));
    const isPlain = values.every((value, index) => value !== null && !this.#columns[index]!.column.isNullable && this.#columns[index]!.isDescending === this.#columns[0]!.isDescending);
    // PostgreSQL finds the place in an index by a comparison of rows.
    if (isPlain) return `(${this.#columns.map(({ sql }) => sql).join(', ')}) ${this.#columns[0]!.isDescending ? '<' : '>'} (${values.join(', ')})`;
    const cases = this.#columns.map((_, index) => {
      const equal = this.#columns.slice(0, index).map(({ sql }, before) => (values[before] === null ? `${sql} is null` : `${sql} = ${values[before]}`));
      return [...equal, beyondSql(this.#columns[index]!, values[index]!)].join(' and ');
    });
    return `(${cases.map((condition) => `(${condition})`).join(' or ')})`;
  }
}

/** PostgreSQL has nulls after everything, and so first where the order is turned. */
function beyondSql({ column, sql, isDescending }: OrderColumn, value: string | null): string {
  if (isDescending) return value === null ? `${sql} is not null` : `${sql} < ${value}`;
  if (value === null) return 'false';
  return column.isNullable ? `(${sql} > ${value} or ${sql} is null)` : `${sql} > ${value}`;
}

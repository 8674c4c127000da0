// The statements that write a table's rows: any number of them in one, as long as they write the same columns.

import type { Step } from '../../../engine/client.ts';
import { quoteIdentifier } from '../../../engine/quoting.ts';
import type { Document } from '../../../values/bson/types.ts';
import { SqlParameters, statementFor } from '../store/statements.ts';
import { type Cells, changedCells, defaultValue } from './row-of-document.ts';
import type { Table } from './table.ts';
import { identityColumns, identityTexts } from './table-rows.ts';
import type { CollectionName } from '../pipelines/stage.ts';

/** In the order of the rows; those that come one after the other with the same columns together. `returning`: columns to be read of each. */
export function insertRowSteps({ source }: Table, rows: readonly Cells[], { returning, onRow }: Pick<Step, 'onRow'> & { readonly returning?: string } = {}): Step[] {
  return runsOf(rows, (cells) => [...cells.keys()]).map(({ columns, items }) => {
    const parameters = new SqlParameters();
    const names = columns.map(({ name }) => quoteIdentifier(name)).join(', ');
    const lists = columns.map((column) => parameters.bind('text[]', items.map((cells) => cells.get(column) ?? null)));
    const values = columns.map(({ castType }, index) => `u.c${index}::${castType}`).join(', ');
    const rowsOf = columns.length === 0 ? `default values` : `(${names}) select ${values} from unnest(${lists.join(', ')}) with ordinality as u (${columns.map((_, index) => `c${index}, `).join('')}n) order by n`;
    const statement = statementFor(`insert into ${source} as t ${rowsOf}${returning === undefined ? '' : ` returning ${returning}`}`, parameters.types);
    const step: Step = { statement, values: parameters.values, ...(onRow === undefined ? {} : { onRow }) };
    return columns.length === 0 ? items.map(() => step) : [step];
  }).flat();
}

export type RowChange = { readonly key: Buffer; readonly before: Document; readonly document: Document; readonly isReplacement: boolean };

/** Writes the columns that have changed. Throws DocumentError for values that columns cannot hold. */
export function updateRowSteps(at: { readonly table: Table; readonly target: CollectionName }, changes: readonly RowChange[]): Step[] {
  const { table } = at;
  const rows = changes.flatMap(({ key, before, document, isReplacement }) => {
    const cells = changedCells(at, { before, after: document, absent: isReplacement ? 'default' : 'null' });
    return cells.size === 0 ? [] : [{ key: identityTexts(key), cells }];
  });
  const signature = ({ cells }: (typeof rows)[number]): readonly unknown[] => [...cells].flatMap(([column, value]) => (value === defaultValue ? [column, value] : [column]));
  return runsOf(rows, signature).map(({ items }) => {
    const parameters = new SqlParameters();
    const { lists, condition } = identityIn(table, items.map(({ key }) => key), parameters);
    const sets: string[] = [];
    const names = identityColumns(table).map((_, index) => `k${index}`);
    for (const [column, value] of items[0]!.cells) {
      if (value === defaultValue) {
        sets.push(`${quoteIdentifier(column.name)} = default`);
        continue;
      }
      const name = `c${names.length}`;
      sets.push(`${quoteIdentifier(column.name)} = u.${name}::${column.castType}`);
      lists.push(parameters.bind('text[]', items.map(({ cells }) => cells.get(column) ?? null)));
      names.push(name);
    }
    const text = `update ${table.source} as t set ${sets.join(', ')} from unnest(${lists.join(', ')}) as u (${names.join(', ')}) where ${condition}`;
    return { statement: statementFor(text, parameters.types), values: parameters.values };
  });
}

export function deleteRowsStep(table: Table, keys: readonly Buffer[]): Step {
  const parameters = new SqlParameters();
  const { source, condition } = identified(table, keys, parameters);
  return { statement: statementFor(`delete from ${table.source} as t using ${source} where ${condition}`, parameters.types), values: parameters.values };
}

/** The rows with these keys, locked. */
export function lockRowsStep(table: Table, columns: string, keys: readonly Buffer[]): Pick<Step, 'statement' | 'values'> {
  const parameters = new SqlParameters();
  const { source, condition } = identified(table, keys, parameters);
  const order = identityColumns(table).map(({ sql }) => sql).join(', ');
  return { statement: statementFor(`select ${columns} from ${table.source} as t join ${source} on ${condition} order by ${order} for update of t`, parameters.types), values: parameters.values };
}

function identified(table: Table, keys: readonly Buffer[], parameters: SqlParameters): { readonly source: string; readonly condition: string } {
  const { lists, condition } = identityIn(table, keys.map(identityTexts), parameters);
  return { source: `unnest(${lists.join(', ')}) as u (${lists.map((_, index) => `k${index}`).join(', ')})`, condition };
}

function identityIn(table: Table, keys: readonly (readonly string[])[], parameters: SqlParameters): { readonly lists: string[]; readonly condition: string } {
  const columns = identityColumns(table);
  return {
    lists: columns.map((_, index) => parameters.bind('text[]', keys.map((texts) => texts[index]!))),
    condition: columns.map(({ sql, castType }, index) => `${sql} = u.k${index}::${castType}`).join(' and '),
  };
}

/** Neighbors with an equal signature. */
function runsOf<Item, Part>(items: readonly Item[], signatureOf: (item: Item) => readonly Part[]): { readonly columns: readonly Part[]; readonly items: readonly Item[] }[] {
  const runs: { readonly columns: readonly Part[]; readonly items: Item[] }[] = [];
  for (const item of items) {
    const columns = signatureOf(item);
    const last = runs.at(-1);
    if (last !== undefined && last.columns.length === columns.length && last.columns.every((part, index) => part === columns[index])) last.items.push(item);
    else runs.push({ columns, items: [item] });
  }
  return runs;
}


// Large collections, or large parts of lists, that are read only to be shown.

import { type Statement, statement } from '../../engine/client.ts';
import { ElementRows } from './element-rows.ts';
import type { Entry } from './entry.ts';
import { keyvalueLimits } from './limits.ts';
import { schemaOf } from './space-statements.ts';
import type { Unit } from './unit.ts';

type Reading = 'fieldsAndValues' | 'fields' | 'values' | 'members' | 'items' | 'itemsOfRuns';

const known = new Map<number, Readonly<Record<Reading, Statement>>>();

function statementsOf(space: number): Readonly<Record<Reading, Statement>> {
  let statements = known.get(space);
  if (statements === undefined) known.set(space, (statements = makeStatements(schemaOf(space))));
  return statements;
}

function makeStatements(schema: string): Readonly<Record<Reading, Statement>> {
  const ofHash = (shown: string): Statement => statement(`select ${shown} from ${schema}.hash_fields where ref = $1 order by number`, ['int8']);
  return {
    fieldsAndValues: ofHash('field, value'),
    fields: ofHash('field'),
    values: ofHash('value'),
    members: statement(`select member from ${schema}.set_members where ref = $1`, ['int8']),
    items: statement(`select value from ${schema}.list_items where ref = $1 and position between $2 and $3 order by position`, ['int8', 'int8', 'int8']),
    itemsOfRuns: statement(
      `select item.value from unnest($2, $3) with ordinality as range (first, last, number)
       join ${schema}.list_items as item on item.ref = $1 and item.position between range.first and range.last order by range.number, item.position`,
      ['int8', 'int8[]', 'int8[]'],
    ),
  };
}

/** So many elements are not kept in the unit of work: they are of no use to what others ask for. */
function isLarge(entry: Entry, elements: number): boolean {
  return !entry.whole && entry.mapping === undefined && elements > keyvalueLimits.wholeElements;
}

/** All fields of a hash in the order in which they came, its values, or both; undefined where it is better read as others read it. */
export function rowsOfHash(unit: Unit, entry: Entry, shown: 'fieldsAndValues' | 'fields' | 'values'): ElementRows | undefined {
  return isLarge(entry, entry.size) ? ask(unit, entry, { reading: shown, values: [], elements: entry.size }) : undefined;
}

/** As `rowsOfHash`, of a set's members. */
export function rowsOfSet(unit: Unit, entry: Entry): ElementRows | undefined {
  return isLarge(entry, entry.size) ? ask(unit, entry, { reading: 'members', values: [], elements: entry.size }) : undefined;
}

/** As `rowsOfHash`, of a list's items from one position to another, both included. */
export function rowsOfList(unit: Unit, entry: Entry, first: number, last: number): ElementRows | undefined {
  const elements = last - first + 1;
  if (!isLarge(entry, elements)) return undefined;
  if (entry.runs === undefined) return ask(unit, entry, { reading: 'items', values: [first, last], elements });
  const ranges = entry.storedRanges(first, last);
  return ask(unit, entry, { reading: 'itemsOfRuns', values: [ranges.map((range) => range.first), ranges.map((range) => range.last)], elements });
}

function ask(unit: Unit, entry: Entry, { reading, values, elements }: { readonly reading: Reading; readonly values: readonly unknown[]; readonly elements: number }): ElementRows {
  return unit.ask(entry, `${reading} ${values.join(' ')}`, () => {
    const rows = new ElementRows({ bytes: reading === 'fieldsAndValues' ? 2 : 1, hasScore: false });
    return { step: { statement: statementsOf(entry.space)[reading], values: [entry.ref, ...values] }, onRow: (row) => rows.add(row), answer: () => rows, elements };
  });
}

// What the store does with the items of a long list by itself: it finds them by value, moves and renumbers them.

import { type Statement, type Step, statement } from '../../engine/client.ts';
import { assert } from '../../kernel/assert.ts';
import type { Entry } from './entry.ts';
import { keyvalueLimits } from './limits.ts';
import type { Move, Range } from './list-runs.ts';
import { schemaOf } from './space-statements.ts';
import type { Unit } from './unit.ts';

type ListStatements = Readonly<
  Record<'findForwards' | 'findBackwards' | 'firstMatches' | 'lastMatches' | 'shift' | 'evenOut' | 'copy' | 'closeToLeft' | 'closeToRight', Statement>
>;

const known = new Map<number, ListStatements>();

function listStatements(space: number): ListStatements {
  let statements = known.get(space);
  if (statements === undefined) known.set(space, (statements = makeStatements(`${schemaOf(space)}.list_items`)));
  return statements;
}

function makeStatements(table: string): ListStatements {
  // Range after range, each along the index: it ends where there are enough. (`offset 0` keeps the order of a range.)
  const find = (order: string): Statement =>
    statement(
      `select found.position from unnest($3, $4) as range (first, last) cross join lateral (
         select position from ${table} where ref = $1 and value = $2 and position between range.first and range.last
         order by ref ${order}, position ${order} offset 0) as found
       offset $5 limit $6`,
      ['int8', 'bytea', 'int8[]', 'int8[]', 'int8', 'int8'],
    );
  const matches = (order: string): Statement =>
    statement(
      `select count(*), min(position), max(position)
       from (select position from ${table} where ref = $1 and value = $2 order by ref ${order}, position ${order} limit $3) as found`,
      ['int8', 'bytea', 'int8'],
    );
  // Sorting takes all rows first: they are deleted before the first one is put to a position that another one had.
  const moved = `with moved as (delete from ${table} where ref = $1 and position between $2 and $3 returning position, value)
    insert into ${table} (ref, position, value)`;
  const close = (position: string): Statement =>
    statement(`${moved} select $1, ${position}, value from moved where not (value = $4 and position between $5 and $6)`, ['int8', 'int8', 'int8', 'bytea', 'int8', 'int8']);
  return {
    findForwards: find('asc'),
    findBackwards: find('desc'),
    firstMatches: matches('asc'),
    lastMatches: matches('desc'),
    shift: statement(`${moved} select $1, position + $4, value from moved where position is distinct from $5 order by position`, ['int8', 'int8', 'int8', 'int8', 'int8']),
    // The number of those that are gone is known when all of them are.
    evenOut: statement(
      `with kept as materialized (
         select range.number, item.position, item.value from unnest($2, $3) with ordinality as range (first, last, number)
         cross join lateral (select position, value from ${table} where ref = $1 and position between range.first and range.last) as item),
       gone as (delete from ${table} where ref = $1 returning position)
       insert into ${table} (ref, position, value)
       select $1, row_number() over (order by number, position) - 1, value from kept, (select count(*) from gone) as all_gone`,
      ['int8', 'int8[]', 'int8[]'],
    ),
    // A whole block of references for one, as for copies of keys.
    copy: statement(
      `with fresh as materialized (select nextval('facetdb.collection_reference') as ref),
       copied as (insert into ${table} (ref, position, value)
         select fresh.ref, stored.position, stored.value from fresh, unnest($2, $3) as range (first, last)
         join ${table} as stored on stored.ref = $1 and stored.position between range.first and range.last)
       select ref from fresh`,
      ['int8', 'int8[]', 'int8[]'],
    ),
    closeToLeft: close('$2 - 1 + row_number() over (order by position)'),
    closeToRight: close('$3 + 1 - row_number() over (order by position desc)'),
  };
}

export type Search = {
  readonly value: Buffer;
  /** The first match that counts: 1 for the first one, -1 for the last one, and so on. Negative ones search from the end. */
  readonly rank: number;
  /** At most so many matches; 0: all. */
  readonly count: number;
  /** At most so many items are compared; 0: all. */
  readonly compared: number;
};

/** The indexes of items that equal a value, in the order of the search. */
export function searchItems(unit: Unit, entry: Entry, search: Search): number[] {
  const { longElements } = keyvalueLimits;
  const looks = search.compared === 0 ? entry.size : Math.min(search.compared, entry.size);
  if (looks > longElements && !unit.mayTakeLong) {
    // What is near the end where the search begins takes no long search.
    const near = askForItems(unit, entry, { ...search, compared: longElements });
    if (search.count === 0 || near.length < search.count) unit.takesLong();
    return near;
  }
  return askForItems(unit, entry, search);
}

function askForItems(unit: Unit, entry: Entry, { value, rank, count, compared }: Search): number[] {
  const { edge, size } = entry;
  const looks = Math.min(compared === 0 ? size : compared, size);
  const ranges = rank > 0 ? entry.storedRanges(edge, edge + looks - 1) : entry.storedRanges(edge + size - looks, edge + size - 1).toReversed();
  return unit.ask(entry, `find ${rank} ${count} ${compared} ${value.toString('latin1')}`, () => {
    const { findForwards, findBackwards } = listStatements(entry.space);
    const found: number[] = [];
    return {
      step: {
        statement: rank > 0 ? findForwards : findBackwards,
        // More than there can be is as good as all.
        values: [entry.ref, value, ...bounds(ranges), Math.min(Math.abs(rank) - 1, size), count === 0 ? null : Math.min(count, size)],
      },
      onRow: (row) => found.push(entry.positionOfStored(row.safeInteger(0)) - edge),
      answer: () => found,
    };
  });
}

export type Matches = { readonly count: number; readonly first: number; readonly last: number };

/** Of an even list: the first items that equal a value, with a negative limit the last ones, with 0 all: how many, and between which positions. */
export function findMatches(unit: Unit, entry: Entry, value: Buffer, limit: number): Matches {
  return unit.ask(entry, `matches ${limit} ${value.toString('latin1')}`, () => {
    const { firstMatches, lastMatches } = listStatements(entry.space);
    let matches: Matches = { count: 0, first: 0, last: 0 };
    return {
      step: {
        statement: limit < 0 ? lastMatches : firstMatches,
        values: [entry.ref, value, limit === 0 ? null : Math.min(Math.abs(limit), entry.size)],
      },
      onRow: (row) => {
        const count = row.safeInteger(0);
        if (count > 0) matches = { count, first: row.safeInteger(1), last: row.safeInteger(2) };
      },
      answer: () => matches,
      elements: entry.size,
    };
  });
}

/** Moves the items of a range by some positions, to where no others are; that of `gone`, if any, goes. */
export function shiftItems(unit: Unit, entry: Entry, { first, last, by }: Move, gone?: number): void {
  const from = Math.min(first, gone ?? first);
  const to = Math.max(last, gone ?? last);
  change(unit, entry, `shift ${first} ${last} ${by} ${gone}`, { statement: listStatements(entry.space).shift, values: [entry.ref, from, to, by, gone] }, to - from + 1);
}

/** Gives all items contiguous positions from 0 on. It writes a long list anew. */
export function evenOut(unit: Unit, entry: Entry): void {
  const { edge, size } = entry;
  change(unit, entry, 'even out', { statement: listStatements(entry.space).evenOut, values: [entry.ref, ...bounds(entry.storedRanges(edge, edge + size - 1))] }, size);
}

/** Copies the items from one position to another under a new reference, and gives that. */
export function copyItems(unit: Unit, entry: Entry, first: number, last: number): number {
  const ranges = entry.storedRanges(first, last);
  return unit.ask(entry, `copy ${first} ${last}`, () => {
    let ref = 0;
    return {
      step: { statement: listStatements(entry.space).copy, values: [entry.ref, ...bounds(ranges)] },
      onRow: (row) => (ref = row.safeInteger(0)),
      answer: () => ref,
      elements: last - first + 1,
    };
  });
}

export type Closing = {
  readonly value: Buffer;
  /** Items that equal the value between these positions go. */
  readonly first: number;
  readonly last: number;
  /** What is left between these positions closes the gaps, to the right or to the left. */
  readonly from: number;
  readonly to: number;
  readonly movesRight: boolean;
};

export function moveMatchesOut(unit: Unit, entry: Entry, { value, first, last, from, to, movesRight }: Closing): void {
  const { closeToLeft, closeToRight } = listStatements(entry.space);
  const statement = movesRight ? closeToRight : closeToLeft;
  change(unit, entry, `close ${first} ${last} ${from} ${to}`, { statement, values: [entry.ref, from, to, value, first, last] }, to - from + 1);
}

function bounds(ranges: readonly Range[]): [first: number[], last: number[]] {
  return [ranges.map(({ first }) => first), ranges.map(({ last }) => last)];
}

/** Once it is carried out, the command goes on; it has to note what became of the list, which also forgets the answer. */
function change(unit: Unit, entry: Entry, signature: string, step: Omit<Step, 'onRow'>, elements: number): void {
  assert(unit.mode === 'write', 'a command that changes keys is declared as one');
  unit.ask(entry, signature, () => ({ step, onRow: () => {}, answer: () => true, elements }));
}

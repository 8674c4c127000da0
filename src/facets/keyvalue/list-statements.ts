// What the store does with the items of a long list by itself: it finds them by value and renumbers them.

import { type Statement, statement } from '../../engine/client.ts';
import { assert } from '../../kernel/assert.ts';
import type { Entry } from './entry.ts';
import { schemaOf } from './space-statements.ts';
import type { Unit } from './unit.ts';

type ListStatements = Readonly<Record<'findForwards' | 'findBackwards' | 'firstMatches' | 'lastMatches' | 'shift' | 'closeToLeft' | 'closeToRight', Statement>>;

const known = new Map<number, ListStatements>();

function listStatements(space: number): ListStatements {
  let statements = known.get(space);
  if (statements === undefined) known.set(space, (statements = makeStatements(`${schemaOf(space)}.list_items`)));
  return statements;
}

function makeStatements(table: string): ListStatements {
  const find = (order: string): Statement =>
    statement(
      `select position from ${table} where ref = $1 and value = $2 and position between $3 and $4
       order by ref ${order}, position ${order} offset $5 limit $6`,
      ['int8', 'bytea', 'int8', 'int8', 'int8', 'int8'],
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
    shift: statement(`${moved} select $1, position + $4, value from moved order by position`, ['int8', 'int8', 'int8', 'int8']),
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

/** The positions of items that equal a value, in the order of the search. */
export function findPositions(unit: Unit, entry: Entry, { value, rank, count, compared }: Search): number[] {
  const end = entry.edge + entry.size - 1;
  const looks = Math.min(compared === 0 ? entry.size : compared, entry.size);
  const [first, last] = rank > 0 ? [entry.edge, entry.edge + looks - 1] : [end - looks + 1, end];
  return unit.ask(entry, `find ${rank} ${count} ${compared} ${value.toString('latin1')}`, () => {
    const { findForwards, findBackwards } = listStatements(entry.space);
    const found: number[] = [];
    return {
      step: {
        statement: rank > 0 ? findForwards : findBackwards,
        // More than there can be is as good as all.
        values: [entry.ref, value, first, last, Math.min(Math.abs(rank) - 1, entry.size), count === 0 ? null : Math.min(count, entry.size)],
      },
      onRow: (row) => found.push(row.safeInteger(0)),
      answer: () => found,
    };
  });
}

export type Matches = { readonly count: number; readonly first: number; readonly last: number };

/** The first items that equal a value, with a negative limit the last ones, with 0 all: how many, and between which positions. */
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
    };
  });
}

/** Moves the items of a range by some positions, to where no others are. */
export function shiftItems(unit: Unit, entry: Entry, { first, last, by }: { readonly first: number; readonly last: number; readonly by: number }): void {
  change(unit, entry, `shift ${first} ${last} ${by}`, listStatements(entry.space).shift, [entry.ref, first, last, by]);
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
  change(unit, entry, `close ${first} ${last} ${from} ${to}`, movesRight ? closeToRight : closeToLeft, [entry.ref, from, to, value, first, last]);
}

/** Once it is carried out, the command goes on; it has to note what became of the list, which also forgets the answer. */
function change(unit: Unit, entry: Entry, signature: string, step: Statement, values: readonly unknown[]): void {
  assert(unit.mode === 'write', 'a command that changes keys is declared as one');
  unit.ask(entry, signature, () => ({ step: { statement: step, values }, onRow: () => {}, answer: () => true }));
}

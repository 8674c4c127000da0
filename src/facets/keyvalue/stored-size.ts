// How much a collection takes on disk, from a sample of its elements.

import { type Statement, statement } from '../../engine/client.ts';
import type { Entry } from './entry.ts';
import { type CollectionKind, elementTables } from './kinds.ts';
import { schemaOf } from './space-statements.ts';
import type { Unit } from './unit.ts';

const known = new Map<string, Statement>();

function sampleStatement(space: number, kind: CollectionKind): Statement {
  const name = `${space} ${kind}`;
  let sampling = known.get(name);
  if (sampling === undefined) {
    sampling = statement(
      `select avg(pg_column_size(element.*))::float8 from (select * from ${schemaOf(space)}.${elementTables[kind]} where ref = $1 limit $2) as element`,
      ['int8', 'int8'],
    );
    known.set(name, sampling);
  }
  return sampling;
}

/** Bytes of an average row of the collection's elements; `samples`: of so many of them, 0: of all. */
export function averageElementBytes(unit: Unit, entry: Entry, kind: CollectionKind, samples: number): number {
  return unit.ask(entry, `average of ${samples}`, () => {
    let average = 0;
    return {
      step: { statement: sampleStatement(entry.space, kind), values: [entry.ref, samples === 0 ? null : samples] },
      onRow: (row) => {
        if (!row.isNull(0)) average = row.float64(0);
      },
      answer: () => average,
    };
  });
}

// The SQL of unions, intersections and differences of sets and sorted sets: their elements are put together where they are.

import { type Statement, statement } from '../../engine/client.ts';
import { schemaOf } from './space-statements.ts';

export type Operation = 'union' | 'intersection' | 'difference';
export type Aggregate = 'sum' | 'min' | 'max';

/** What decides the text of a statement. */
export type AlgebraShape = {
  readonly space: number;
  readonly operation: Operation;
  /** Kinds of the sources. */
  readonly kinds: readonly ('set' | 'zset')[];
  /** How scores are put together; undefined where only members count. */
  readonly aggregate: Aggregate | undefined;
  /** The order in which scores are added up shows in their sum. */
  readonly isOrdered: boolean;
  /** All sources are read, rather than each element of the first looked up in the others. */
  readonly isGrouped: boolean;
  readonly purpose: 'members' | 'scored' | 'count' | 'storeSet' | 'storeZset';
};

const known = new Map<string, Statement>();

/** Its values: the references of the sources; their weights where there are scores to be put together; for `count` a limit. */
export function algebraStatement(shape: AlgebraShape): Statement {
  const name = JSON.stringify(shape);
  let made = known.get(name);
  if (made === undefined) known.set(name, (made = statement(textOf(shape), [...sourceTypes(shape), ...(shape.purpose === 'count' ? ['int8'] as const : [])])));
  return made;
}

export function hasWeights({ operation, aggregate }: AlgebraShape): boolean {
  return aggregate !== undefined && operation !== 'difference';
}

function sourceTypes(shape: AlgebraShape): readonly ('int8[]' | 'float8[]')[] {
  return hasWeights(shape) ? ['int8[]', 'float8[]'] : ['int8[]'];
}

function textOf(shape: AlgebraShape): string {
  const { purpose, space } = shape;
  const elements = selects[shape.operation](shape);
  switch (purpose) {
    case 'members':
      return `select member from (${elements}) as element`;
    case 'scored':
      return `select member, score from (${elements}) as element order by score, member`;
    case 'count':
      return `select count(*) from (${elements} limit $${sourceTypes(shape).length + 1}) as element`;
    case 'storeSet':
      return storing(space, { kind: 'set', elements });
    case 'storeZset':
      return storing(space, { kind: 'zset', elements });
  }
}

/**
 * Puts elements (digest, member, and of sorted sets score) into a new collection; gives its reference and how many there are. A whole block
 * of references goes for one, as for copies of keys.
 */
export function storing(space: number, { kind, elements }: { readonly kind: 'set' | 'zset'; readonly elements: string }): string {
  // Adding 0 makes 0 of -0, as Redis does in all but its large sets.
  const [table, columns, values] = kind === 'set' ? ['set_members', 'digest, member', 'digest, member'] : ['sorted_set_members', 'digest, member, score', 'digest, member, score + 0'];
  return `with fresh as materialized (select nextval('facetdb.collection_reference') as ref),
    stored as (insert into ${schemaOf(space)}.${table} (ref, ${columns}) select fresh.ref, ${values} from fresh cross join (${elements}) as element returning 1)
    select ref, (select count(*) from stored) from fresh`;
}

const selects: Readonly<Record<Operation, (shape: AlgebraShape) => string>> = {
  union: (shape) =>
    shape.aggregate === undefined
      ? `select digest, member from ${storedElements(shape)} where ref = any($1) group by digest, member`
      : `select digest, member, ${aggregated(shape.aggregate, orZero(weighted('weight', 'score')), shape.isOrdered)} as score
         from unnest($1, $2) with ordinality as source (ref, weight, number)
         cross join lateral (select digest, member, score from ${storedElements(shape)} where stored.ref = source.ref offset 0) as element
         group by digest, member`,
  // A lookup in each of the others for every element of the first: no join, whose plan could be one for other sizes than these.
  intersection: (shape) =>
    shape.aggregate === undefined
      ? `select digest, member from ${storedElements(shape)} where ref = ($1)[1]
           and (select count(*) from ${storedElements(shape, 'other')} where other.ref = any(($1)[2:]) and other.digest = stored.digest) = cardinality($1) - 1`
      : `select stored.digest, stored.member, total.score from ${storedElements(shape)}
         cross join lateral (
           select count(*) as found, ${aggregated(shape.aggregate, `${shape.aggregate === 'sum' ? 'score' : `nullif(score, 'NaN')`}`, shape.isOrdered)} as score from (
             select 0::int8 as number, ${orZero(weighted('($2)[1]', 'stored.score'))} as score
             union all
             select number, ${weighted('weight', 'other.score')} from unnest(($1)[2:], ($2)[2:]) with ordinality as source (ref, weight, number)
             cross join lateral (select score from ${storedElements(shape, 'other')} where other.ref = source.ref and other.digest = stored.digest offset 0) as other
           ) as score) as total
         where stored.ref = ($1)[1] and total.found = cardinality($1)`,
  difference: (shape) =>
    shape.isGrouped
      ? `select digest, member, max(score) filter (where number = 1) as score from unnest($1) with ordinality as source (ref, number)
         cross join lateral (select digest, member, score from ${storedElements(shape)} where stored.ref = source.ref offset 0) as element
         group by digest, member having max(number) = 1`
      : `select digest, member, score from ${storedElements(shape)} where ref = ($1)[1]
           and (select true from ${storedElements(shape, 'other')} where other.ref = any(($1)[2:]) and other.digest = stored.digest limit 1) is null`,
};

/** The elements of all collections of these kinds; a set's members have the score 1. */
function storedElements({ space, kinds }: AlgebraShape, name = 'stored'): string {
  const tables = [
    ...(kinds.includes('set') ? [`select ref, digest, member, 1::float8 as score from ${schemaOf(space)}.set_members`] : []),
    ...(kinds.includes('zset') ? [`select ref, digest, member, score from ${schemaOf(space)}.sorted_set_members`] : []),
  ];
  return `(${tables.join(' union all ')}) as ${name}`;
}

function weighted(weight: string, score: string): string {
  return `case when ${weight} = 1 then ${score} else facetdb.weighted_score(${weight}, ${score}) end`;
}

function orZero(score: string): string {
  return `coalesce(nullif(${score}, 'NaN'), 0)`;
}

function aggregated(aggregate: Aggregate, score: string, isOrdered: boolean): string {
  if (aggregate !== 'sum') return `${aggregate}(${score})`;
  return `facetdb.sum_of_scores(${score}${isOrdered ? ' order by number' : ''})`;
}

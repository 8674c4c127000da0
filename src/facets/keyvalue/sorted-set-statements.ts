// The SQL on the order of large sorted sets: ranges along its index, ranks by the counts of pieces (`sorted-set-levels-migration.ts`).

import { type Statement, statement } from '../../engine/client.ts';
import { storing } from './algebra-statements.ts';
import { keyvalueLimits } from './limits.ts';
import { pieceLevels } from './sorted-set-levels-migration.ts';
import { schemaOf } from './space-statements.ts';

export type SortedSetStatements = Readonly<
  Record<'upwards' | 'downwards' | 'scoreBounds' | 'countBefore' | 'elementsFromRank' | 'storeUpwards' | 'storeDownwards' | 'storeFromRank', Statement>
>;

const known = new Map<number, SortedSetStatements>();

export function sortedSetStatements(space: number): SortedSetStatements {
  let statements = known.get(space);
  if (statements === undefined) known.set(space, (statements = makeStatements(space)));
  return statements;
}

/** The index holds the beginnings of members; within it the whole members decide. */
function makeStatements(space: number): SortedSetStatements {
  const schema = schemaOf(space);
  const members = `${schema}.sorted_set_members`;
  const piecesOf = (level: keyof typeof pieceLevels): string => `${schema}.sorted_set_pieces where ref = $1 and level = ${pieceLevels[level]}`;
  const prefix = (member: string): string => `substring(${member} from 1 for ${keyvalueLimits.identityBytes})`;
  const order = (direction: 'asc' | 'desc'): string => `order by score ${direction}, ${prefix('member')} ${direction}, member ${direction}`;
  const notBefore = (score: string, member: string): string =>
    `(score, ${prefix('member')}) >= (${score}, ${prefix(member)}) and (score > ${score} or member >= ${member})`;
  const before = (score: string, member: string): string =>
    `(score, ${prefix('member')}) <= (${score}, ${prefix(member)}) and (score < ${score} or member < ${member})`;
  const range = (direction: 'asc' | 'desc', columns: string): string =>
    `select ${columns} from ${members} where ref = $1 and ${notBefore('$2', '$3')} and ${before('$4', '$5')} ${order(direction)} offset $6 limit $7`;
  const rangeTypes = ['int8', 'float8', 'bytea', 'float8', 'bytea', 'int8', 'int8'] as const;
  const scoreAt = (direction: 'asc' | 'desc'): string => `(select score from ${members} where ref = $1 order by score ${direction}, ${prefix('member')} ${direction} limit 1)`;
  /** The piece that a position is in, of either level; a set that is not counted is one piece. */
  const home = (level: keyof typeof pieceLevels): string =>
    `(select score, prefix from ${piecesOf(level)} and (score, prefix) <= ($2, ${prefix('$3')}) order by score desc, prefix desc limit 1)
     union all select '-infinity', ''::bytea limit 1`;
  const beginning = (piece: string): string => `(select score from ${piece}), (select prefix from ${piece})`;
  /** Of the pieces of one level, in which a rank is, with the number of elements before it. Of empty ones the last. */
  const homeOfRank = (placed: string): string =>
    `(select * from (${placed}) as placed where before <= $2 order by before desc, score desc, prefix desc limit 1)`;
  const fromRank = (columns: string): string =>
    `with large as materialized (
       ${homeOfRank(`select score, prefix, (sum(count) over preceding - count)::int8 as before, lead(score, 1, 'NaN') over preceding as end_score,
         lead(prefix, 1, ''::bytea) over preceding as end_prefix from ${piecesOf('large')} window preceding as (order by score, prefix)`)}
     ), small as materialized (
       ${homeOfRank(`select score, prefix, (select before from large) + (sum(count) over (order by score, prefix) - count)::int8 as before
         from ${piecesOf('small')} and (score, prefix) >= (${beginning('large')})
           and (score, prefix) < ((select end_score from large), (select end_prefix from large))`)}
       union all select '-infinity', ''::bytea, 0 limit 1
     )
     select ${columns} from ${members} where ref = $1 and (score, ${prefix('member')}) >= (${beginning('small')})
     ${order('asc')} offset $2 - (select before from small) limit $3`;
  const rankTypes = ['int8', 'int8', 'int8'] as const;
  const shown = 'member, score';
  const stored = (elements: (columns: string) => string): string => storing(space, { kind: 'zset', elements: elements('digest, member, score') });
  return {
    upwards: statement(range('asc', shown), rangeTypes),
    downwards: statement(range('desc', shown), rangeTypes),
    elementsFromRank: statement(fromRank(shown), rankTypes),
    storeUpwards: statement(stored((columns) => range('asc', columns)), rangeTypes),
    storeDownwards: statement(stored((columns) => range('desc', columns)), rangeTypes),
    storeFromRank: statement(stored(fromRank), rankTypes),
    scoreBounds: statement(`select ${scoreAt('asc')}, ${scoreAt('desc')}`, ['int8']),
    countBefore: statement(
      `with large as materialized (${home('large')}), small as materialized (${home('small')})
       select ((select coalesce(sum(count), 0) from ${piecesOf('large')} and (score, prefix) < (${beginning('large')}))
         + (select coalesce(sum(count), 0) from ${piecesOf('small')} and (score, prefix) >= (${beginning('large')}) and (score, prefix) < (${beginning('small')}))
         + (select count(*) from ${members} where ref = $1 and (score, ${prefix('member')}) >= (${beginning('small')}) and ${before('$2', '$3')}))::int8`,
      ['int8', 'float8', 'bytea'],
    ),
  };
}

// What an index is called in PostgreSQL: by its collection and its name, with a dollar between them, which names of
// collections do not hold; by another where that is taken, as after a collection was renamed. Its companions follow from it.

import type { Connection } from '../../../engine/client.ts';
import { statement } from '../../../engine/client.ts';
import { quoteIdentifier } from '../../../engine/quoting.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import type { IndexInfo } from './index-info.ts';
import { identifierOf, schemaOf } from './names.ts';

const companions = ['#keys', '#greatest', '#some', '#arrays'] as const;
type Companion = (typeof companions)[number];

const findTaken = statement(
  `select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = any($2)
   union all select 1 from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace where n.nspname = $1 and s.stxname = any($2)`,
  ['name', 'text[]'],
);

/** The name of a companion of the index with that relation. */
export function companionOf(relation: string, companion: Companion): string {
  return identifierOf(`${relation}${companion}`);
}

/** A name that is free, and so are those of the companions. */
export async function freeRelation(connection: Connection, { database, collection }: CollectionName, name: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const relation = identifierOf(`${collection}$${name}${attempt === 1 ? '' : `~${attempt}`}`);
    const taken = await connection.query(findTaken, [identifierOf(database), [relation, ...companions.map((companion) => companionOf(relation, companion))]]);
    if (taken.length === 0) return relation;
  }
}

/** All that belongs to an index, with its schema and quoted. */
export function relationsOf({ database, collection }: CollectionName, { relation, name }: Pick<IndexInfo, 'relation' | 'name'>): { readonly indexes: readonly string[]; readonly statistics: readonly string[] } {
  // Companions of indexes that earlier versions made are called after the whole name, however long.
  const bases = relation === identifierOf(`${collection}.${name}`) ? [relation, `${collection}.${name}`] : [relation];
  const called = (companion: Companion): string[] => [...new Set(bases.map((base) => identifierOf(`${base}${companion}`)))];
  const within = (names: readonly string[]): string[] => names.map((own) => `${schemaOf(database)}.${quoteIdentifier(own)}`);
  return { indexes: within([relation, ...called('#keys'), ...called('#greatest'), ...called('#some')]), statistics: within(called('#arrays')) };
}

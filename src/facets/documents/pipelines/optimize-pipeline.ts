// The same pipeline with its stages in an order that costs less: filters, sorts and limits go as far to the front as their
// meaning allows, to become part of the query over the collection. What MongoDB's own optimizer moves, is moved here; as there,
// an error that only a document would cause that is filtered out is not seen.

import { maxKey, minKey } from '../../../values/bson/types.ts';
import type { Filter } from '../filters/filter.ts';
import { conjunctionOf, conjunctsOf, relocateFilter } from '../filters/relocate-filter.ts';
import { originThrough } from './field-origins.ts';
import { joinSortsAndLimits } from './join-stages.ts';
import type { LimitStage, LookupStage, MatchStage, Pipeline, SkipStage, SortStage, Stage, TransformStage } from './stage.ts';
import { joinDocuments } from './stages/join-documents.ts';
import { newMatchStage } from './stages/match.ts';
import { newSortStage } from './stages/sort.ts';

/** A pipeline that gives the same documents in the same order. */
export function optimizePipeline(pipeline: Pipeline): Pipeline {
  const placed: Stage[] = [];
  for (const stage of pipeline) {
    if (stage.name === '$match') placeMatch(placed, stage);
    else if (stage.name === '$sort') placeSort(placed, stage);
    else if (stage.name === '$limit' || stage.name === '$skip') placeCut(placed, stage);
    else placed.push(stage);
  }
  return joinSortsAndLimits(placed);
}

// $match: each of its conditions for itself

function placeMatch(placed: Stage[], stage: MatchStage): void {
  const staying: Filter[] = [];
  for (const conjunct of conjunctsOf(stage.filter)) {
    if (!sinkFilter(placed, conjunct) && !joinFilter(placed, conjunct)) staying.push(conjunct);
  }
  if (staying.length > 0) placed.push(staying.length === conjunctsOf(stage.filter).length ? stage : newMatchStage(conjunctionOf(staying)));
}

/** Puts a filter before as many stages as it can; false where it has to be asked behind all of them, too. */
function sinkFilter(placed: Stage[], conjunct: Filter): boolean {
  let filter = conjunct;
  let at = placed.length;
  let isWhole = true;
  for (; at > 0; at -= 1) {
    const before = filterBefore(placed[at - 1]!, filter);
    if (before === undefined) break;
    filter = before.filter;
    isWhole &&= before.isWhole;
  }
  while (at < placed.length && placed[at]!.name === '$match') at += 1;
  if (at === placed.length) return false;
  const known = at > 0 ? placed[at - 1]! : undefined;
  if (known?.name === '$match') placed[at - 1] = newMatchStage({ operator: '$and', filters: [known.filter, filter] });
  else placed.splice(at, 0, newMatchStage(filter));
  return isWhole;
}

/** A filter of what a $lookup has joined and an $unwind has made one document each: no other need be joined. */
function joinFilter(placed: Stage[], filter: Filter): boolean {
  const last = placed.findLastIndex(({ name }) => name !== '$match');
  const [lookup, unwind] = placed.slice(last - 1, last + 1);
  if (last < 1 || lookup?.name !== '$lookup' || unwind?.name !== '$unwind' || unwind.preserveEmpty || unwind.indexPath !== undefined) return false;
  const [name, ...below] = lookup.as;
  if (below.length > 0 || unwind.path.length > 1 || unwind.path[0] !== name) return false;
  const foreign = relocateFilter(filter, ([first, ...rest]) => (first === name && rest.length > 0 ? rest : undefined));
  if (foreign === undefined) return false;
  placed[last - 1] = withForeignFilter(lookup, foreign);
  return true;
}

function withForeignFilter(lookup: LookupStage, filter: Filter): LookupStage {
  const isApart = lookup.apartStages === lookup.pipeline.length;
  const joined: LookupStage = { ...lookup, pipeline: [...lookup.pipeline, newMatchStage(filter)], apartStages: lookup.apartStages + (isApart ? 1 : 0) };
  return { ...joined, run: (input, environment) => joinDocuments(input, joined, environment) };
}

/** `isWhole`: the filter need not be asked once more behind the stage. */
type SunkFilter = { readonly filter: Filter; readonly isWhole: boolean };

function filterBefore(stage: Stage, filter: Filter): SunkFilter | undefined {
  if (stage.name === '$replaceRoot' && stage.root !== undefined) return filterBeforeRoot(stage.root, filter);
  if (stage.name === '$group' && !isAskableOfGroups(filter)) return undefined;
  const origin = originThrough(stage);
  const moved = origin && relocateFilter(filter, origin);
  return moved && { filter: moved, isWhole: true };
}

/** Documents without a document at `root` are let through: they are the stage's error. */
function filterBeforeRoot(root: NonNullable<TransformStage['root']>, filter: Filter): SunkFilter | undefined {
  const inside = relocateFilter(filter, (path) => [...root, ...path]);
  if (inside === undefined || hasExpression(filter)) return undefined;
  const isDocument: Filter = { operator: '$type', path: root, types: new Set(['object']) };
  // The type of an array is that of its elements too.
  const isArray: Filter = { operator: '$type', path: root, types: new Set(['array']) };
  return { filter: { operator: '$or', filters: [inside, { operator: '$not', filter: isDocument }, isArray] }, isWhole: false };
}

/** One group holds what is null and what is missing, and numbers of all types: nothing may be asked that tells them apart. */
function isAskableOfGroups(filter: Filter): boolean {
  switch (filter.operator) {
    case '$and':
    case '$or':
    case '$nor':
      return filter.filters.every(isAskableOfGroups);
    case '$not':
      return isAskableOfGroups(filter.filter);
    case '$eq':
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return filter.value !== minKey && filter.value !== maxKey;
    case '$in':
    case '$mod':
    case '$regex':
      return true;
    default:
      return false;
  }
}

function hasExpression(filter: Filter): boolean {
  if ('filters' in filter) return filter.filters.some(hasExpression);
  return filter.operator === '$expr' || (filter.operator === '$not' && hasExpression(filter.filter));
}

// $sort: only to the very front, where PostgreSQL sorts; else it would have more to hold

const before$sort: ReadonlySet<Stage['name']> = new Set<Stage['name']>(['$addFields', '$project', '$unset', '$replaceRoot', '$lookup', '$graphLookup', '$unwind']);

function placeSort(placed: Stage[], stage: SortStage): void {
  let pattern = stage.pattern;
  let at = placed.length;
  for (; at > 0 && before$sort.has(placed[at - 1]!.name); at -= 1) {
    const origin = originThrough(placed[at - 1]!);
    const moved = pattern.flatMap((part) => {
      const path = origin?.(part.path);
      return path === undefined ? [] : [{ ...part, path }];
    });
    if (moved.length < pattern.length) break;
    pattern = moved;
  }
  const isFront = at < placed.length && placed.slice(0, at).every(({ name }) => name === '$match');
  if (isFront) placed.splice(at, 0, newSortStage(pattern));
  else placed.push(stage);
}

// $limit and $skip: before what makes one document of one

const oneOfOne: ReadonlySet<Stage['name']> = new Set<Stage['name']>(['$addFields', '$project', '$unset', '$replaceRoot', '$lookup', '$graphLookup']);

function placeCut(placed: Stage[], stage: LimitStage | SkipStage): void {
  const at = frontOf(placed, placed.length);
  placed.splice(at, 0, stage);
  const previous = placed[at - 1];
  // Each document gives at least one: more than the limit need not be unwound.
  if (stage.name === '$limit' && previous?.name === '$unwind' && previous.preserveEmpty) placed.splice(frontOf(placed, at - 1), 0, stage);
}

function frontOf(placed: readonly Stage[], end: number): number {
  let at = end;
  while (at > 0 && oneOfOne.has(placed[at - 1]!.name)) at -= 1;
  return at;
}

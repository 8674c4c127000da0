// A sort whose result is cut off soon need not hold all of its input.

import type { Pipeline, Stage } from './stage.ts';
import { newSortStage } from './stages/sort.ts';

/** The pipeline in which a $sort knows how many documents the $skip and $limit right behind it leave. */
export function joinSortsAndLimits(pipeline: Pipeline): Pipeline {
  return pipeline.map((stage, index): Stage => {
    if (stage.name !== '$sort') return stage;
    const limit = limitBehind(pipeline, index);
    return limit === undefined ? stage : newSortStage(stage.pattern, limit);
  });
}

function limitBehind(pipeline: Pipeline, sortIndex: number): number | undefined {
  let skipped = 0;
  for (const stage of pipeline.slice(sortIndex + 1)) {
    if (stage.name === '$skip') skipped += stage.skip;
    else return stage.name === '$limit' ? skipped + stage.limit : undefined;
  }
  return undefined;
}

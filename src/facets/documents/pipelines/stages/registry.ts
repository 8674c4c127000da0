// All stages by name. A new one is a file here and its line below.

import type { StageKind } from '../stage.ts';
import { addFieldsStage, setStage } from './add-fields.ts';
import { bucketAutoStage } from './bucket-auto.ts';
import { bucketStage } from './bucket.ts';
import { collStatsStage, indexStatsStage, planCacheStatsStage } from './collection-statistics.ts';
import { countStage } from './count.ts';
import { densifyStage } from './densify.ts';
import { documentsStage } from './documents.ts';
import { facetStage } from './facet.ts';
import { fillStage } from './fill.ts';
import { graphLookupStage } from './graph-lookup.ts';
import { groupStage, sortByCountStage } from './group.ts';
import { limitStage, skipStage } from './limit.ts';
import { lookupStage } from './lookup.ts';
import { matchStage } from './match.ts';
import { mergeStage } from './merge.ts';
import { outStage } from './out.ts';
import { projectStage, unsetStage } from './project.ts';
import { redactStage } from './redact.ts';
import { replaceRootStage, replaceWithStage } from './replace-root.ts';
import { sampleStage } from './sample.ts';
import { setWindowFieldsStage } from './set-window-fields.ts';
import { sortStage } from './sort.ts';
import { currentOpStage, listLocalSessionsStage, listSessionsStage } from './server-listings.ts';
import { unionWithStage } from './union-with.ts';
import { unwindStage } from './unwind.ts';

const stages: readonly StageKind[] = [
  addFieldsStage,
  bucketAutoStage,
  bucketStage,
  collStatsStage,
  countStage,
  currentOpStage,
  densifyStage,
  documentsStage,
  facetStage,
  fillStage,
  graphLookupStage,
  groupStage,
  indexStatsStage,
  limitStage,
  listLocalSessionsStage,
  listSessionsStage,
  lookupStage,
  matchStage,
  mergeStage,
  outStage,
  planCacheStatsStage,
  projectStage,
  redactStage,
  replaceRootStage,
  replaceWithStage,
  sampleStage,
  setStage,
  setWindowFieldsStage,
  skipStage,
  sortByCountStage,
  sortStage,
  unionWithStage,
  unsetStage,
  unwindStage,
];

export const stagesByName: ReadonlyMap<string, StageKind> = new Map(stages.map((stage) => [stage.name, stage]));

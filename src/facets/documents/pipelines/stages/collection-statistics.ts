// $collStats, $indexStats and $planCacheStats.

import { isNumeric, typeNameOf } from '../../../../values/bson/types.ts';
import type { Document, TypeName, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { truncatedLong } from '../../filters/numbers.ts';
import { shellText } from '../../expressions/shell-text.ts';
import { notInFacets } from '../stage.ts';
import type { CollectionName, CollectionStatisticsOptions, SourceStage, StageContext, StageKind } from '../stage.ts';
import { readArguments } from '../stage-arguments.ts';
import { newSourceStage } from './source-stage.ts';

function ownCollection(name: string, { database, collection }: StageContext): CollectionName {
  if (collection === undefined) throw new DocumentError('InvalidNamespace', `{aggregate: 1} is not valid for '${name}'; a collection is required.`);
  return { database, collection };
}

const object: { readonly types: readonly TypeName[] } = { types: ['object'] };
const flag: { readonly types: readonly TypeName[] } = { types: ['bool'] };
const number: { readonly types: readonly TypeName[] } = { types: ['long', 'int', 'decimal', 'double'] };

/** Throws DocumentError: 5447000, 51024, 40415, TypeMismatch. */
function readCollStats(argument: Value): CollectionStatisticsOptions {
  if (!(argument instanceof Map)) throw new DocumentError(5447000, `$collStats must take a nested object but found: $collStats: ${shellText(argument)}`);
  const given = readArguments('$collStats', argument, { latencyStats: object, storageStats: object, count: object, queryExecStats: object });
  const storage = given.get('storageStats');
  const latency = given.get('latencyStats');
  const latencyOptions = latency instanceof Map ? readArguments('$collStats.latencyStats', latency, { histograms: flag }) : undefined;
  return {
    count: given.has('count'),
    storage: storage instanceof Map ? { scale: scaleOf(storage) } : undefined,
    latency: latencyOptions && { histograms: latencyOptions.get('histograms') === true },
    queryExecution: given.has('queryExecStats'),
  };
}

function scaleOf(storage: Document): bigint {
  const given = readArguments('$collStats.storageStats', storage, { scale: number, verbose: flag, waitForLock: flag, numericOnly: flag });
  const scale = given.get('scale');
  if (!isNumeric(scale)) return 1n;
  const whole = truncatedLong(scale) ?? 0n;
  if (whole < 1n) throw new DocumentError(51024, `BSON field 'scale' value must be >= 1, actual value '${whole}'`);
  return whole;
}

function parseCollStats(argument: Value, context: StageContext): SourceStage {
  const options = readCollStats(argument);
  const source = ownCollection('$collStats', context);
  return newSourceStage('$collStats', ({ statistics }) => statistics.collection(source, options));
}

export const collStatsStage: StageKind = {
  name: '$collStats',
  survey(argument) {
    readCollStats(argument);
    return [];
  },
  parse: parseCollStats,
  position: 'first',
  places: notInFacets,
  allowedInTransaction: false,
  examples: [
    { stage: '1', error: 5447000 },
    { stage: '{"x": 1}', error: 40415 },
    { stage: '{"count": 1}', error: 14 },
    { stage: '{"storageStats": {"scale": -1}}', error: 51024 },
    { stage: '{"storageStats": {"scale": "x"}}', error: 14 },
    { stage: '{"latencyStats": {"histograms": 1}}', error: 14 },
  ],
};

function parseIndexStats(argument: Value, context: StageContext): SourceStage {
  if (!(argument instanceof Map) || argument.size > 0) throw new DocumentError(28803, 'The $indexStats stage specification must be an empty object');
  const source = ownCollection('$indexStats', context);
  return newSourceStage('$indexStats', ({ statistics }) => statistics.indexes(source));
}

export const indexStatsStage: StageKind = {
  name: '$indexStats',
  parse: parseIndexStats,
  position: 'first',
  places: notInFacets,
  allowedInTransaction: false,
  examples: [
    { stage: '{"a": 1}', error: 28803 },
    { stage: '1', error: 28803 },
  ],
};

function parsePlanCacheStats(argument: Value, context: StageContext): SourceStage {
  if (!(argument instanceof Map)) throw new DocumentError('FailedToParse', `$planCacheStats value must be an object. Found: ${typeNameOf(argument)}`);
  if (argument.size > 0) throw new DocumentError('FailedToParse', '$planCacheStats parameters object must be empty. Found: object');
  const source = ownCollection('$planCacheStats', context);
  return newSourceStage('$planCacheStats', ({ statistics }) => statistics.plans(source));
}

export const planCacheStatsStage: StageKind = {
  name: '$planCacheStats',
  parse: parsePlanCacheStats,
  position: 'first',
  places: notInFacets,
  allowedInTransaction: false,
  examples: [
    { stage: '{}', result: '[]' },
    { stage: '{"a": 1}', error: 9 },
    { stage: '1', error: 9 },
  ],
};

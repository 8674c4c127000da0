// Stages that MongoDB 7.0 knows and that are not served here, with the reason that the refusal tells.

const atlas = 'it needs the search indexes of MongoDB Atlas';
const changeStreams = 'change streams are not supported';
const sharding = 'it is a stage of sharded clusters';
const geospatial = 'geospatial indexes are not supported';
const internal = 'it is a stage that MongoDB keeps for itself';

export const unsupportedStages: ReadonlyMap<string, string> = new Map([
  ['$_internalInhibitOptimization', internal],
  ['$changeStream', changeStreams],
  ['$changeStreamSplitLargeEvent', changeStreams],
  ['$geoNear', geospatial],
  ['$listSampledQueries', sharding],
  ['$listSearchIndexes', atlas],
  ['$queryStats', 'statistics of queries are not gathered'],
  ['$search', atlas],
  ['$searchMeta', atlas],
  ['$shardedDataDistribution', sharding],
  ['$vectorSearch', atlas],
]);

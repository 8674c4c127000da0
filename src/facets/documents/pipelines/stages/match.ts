// $match.

import type { Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import type { Filter } from '../../filters/filter.ts';
import { compileFilter } from '../../filters/match.ts';
import { parseFilter } from '../../filters/parse-filter.ts';
import { mapBatches } from '../batches.ts';
import { everywhere } from '../stage.ts';
import type { MatchStage, StageContext, StageKind } from '../stage.ts';

/** Of a filter that is parsed already. */
export function newMatchStage(filter: Filter): MatchStage {
  const matches = compileFilter(filter);
  return {
    name: '$match',
    filter,
    run: (input, environment) =>
      mapBatches(input, environment, (batch) => batch.filter((document) => matches(document, environment.scopeFor(document)))),
  };
}

function parseMatch(argument: Value, { expressions, isFirst }: StageContext): MatchStage {
  if (!(argument instanceof Map)) throw new DocumentError(15959, 'the match filter must be an expression in an object');
  return newMatchStage(parseFilter(argument, expressions, isFirst ? 'firstStage' : 'laterStage'));
}

export const matchStage: StageKind = {
  name: '$match',
  parse: parseMatch,
  places: everywhere,
  examples: [
    { stage: '{"a": {"$gt": 1}}', input: '[{"a": 1}, {"a": 2}]', result: '[{"a": 2}]' },
    { stage: '{}', input: '[{"a": 1}]', result: '[{"a": 1}]' },
    { stage: '{"$expr": {"$eq": ["$a", "$b"]}}', input: '[{"a": 1, "b": 1}, {"a": 1, "b": 2}]', result: '[{"a": 1, "b": 1}]' },
    { stage: '5', error: 15959 },
    { stage: '{"a": {"$foo": 1}}', error: 2 },
    { stage: '{"$where": "true"}', error: 2 },
    { stage: '{"a": {"$near": [0, 0]}}', error: 5626500 },
  ],
};

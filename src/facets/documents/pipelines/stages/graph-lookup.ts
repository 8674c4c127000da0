// $graphLookup: a breadth-first search, level by level.

import { hashKeyOf } from '../../../../values/bson/compare.ts';
import { BsonUndefined, isNumeric, typeNameOf } from '../../../../values/bson/types.ts';
import type { Document, Maybe, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { toDouble } from '../../expressions/coercions.ts';
import type { Expression } from '../../expressions/expression.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { splitFieldPath } from '../../expressions/paths.ts';
import { shellText } from '../../expressions/shell-text.ts';
import type { Filter } from '../../filters/filter.ts';
import { parseFilter } from '../../filters/parse-filter.ts';
import { clampedLong } from '../../filters/numbers.ts';
import { assertRunning } from '../batches.ts';
import { withParsingContext } from '../../error-context.ts';
import { approximateSizeOfDocument } from '../memory.ts';
import { withNestedValue } from '../nested-fields.ts';
import { namedCollection, refuseForeignDatabase } from '../nested-pipelines.ts';
import { everywhere } from '../stage.ts';
import type { Batches, CollectionName, GraphLookupStage, PipelineEnvironment, StageContext, StageKind } from '../stage.ts';
import { keysFilter, visitValues } from './join-keys.ts';
import { newMatchStage } from './match.ts';

type Search = {
  readonly from: CollectionName;
  readonly as: readonly string[];
  readonly startWith: Expression;
  readonly connectFrom: readonly string[];
  readonly connectTo: readonly string[];
  readonly depthField: readonly string[] | undefined;
  readonly maxDepth: number;
  readonly restriction: Filter | undefined;
};

function assertObject(argument: Value): asserts argument is Document {
  if (!(argument instanceof Map)) throw new DocumentError('FailedToParse', `the $graphLookup stage specification must be an object, but found ${typeNameOf(argument)}`);
}

function surveyGraphLookup(argument: Value, context: StageContext): readonly [] {
  assertObject(argument);
  const from = argument.get('from');
  if (from === undefined) throw new DocumentError('FailedToParse', `missing 'from' option to $graphLookup stage specification: ${shellText(argument)}`);
  namedCollection('$graphLookup', context, assertText('from', from));
  return [];
}

function parseGraphLookup(argument: Value, context: StageContext): GraphLookupStage {
  assertObject(argument);
  const search = readSearch(argument, context);
  return { name: '$graphLookup', from: search.from, as: search.as, run: (input, environment) => runSearch(input, search, environment) };
}

const textArguments = ['from', 'as', 'connectFromField', 'connectToField', 'depthField'] as const;

type TextArgument = (typeof textArguments)[number];

function isTextArgument(name: string): name is TextArgument {
  return (textArguments as readonly string[]).includes(name);
}

function readSearch(argument: Document, context: StageContext): Search {
  const texts: Partial<Record<TextArgument, string>> = {};
  let startWith: Expression | undefined;
  let depthField: readonly string[] | undefined;
  let maxDepth = Infinity;
  let restriction: Filter | undefined;
  for (const [name, value] of argument) {
    if (name === 'startWith') startWith = parseExpression(value, context.expressions);
    else if (name === 'maxDepth') maxDepth = parseMaxDepth(value);
    else if (name === 'restrictSearchWithMatch') restriction = parseRestriction(value, context);
    else if (name === 'depthField') depthField = splitFieldPath(assertText(name, value));
    else if (isTextArgument(name)) texts[name] = assertText(name, value);
    else throw new DocumentError(40104, `Unknown argument to $graphLookup: ${name}`);
  }
  const { from, as, connectFromField, connectToField } = texts;
  if (from === undefined || !as || !startWith || !connectFromField || !connectToField) {
    throw new DocumentError(40105, "$graphLookup requires 'from', 'as', 'startWith', 'connectFromField', and 'connectToField' to be specified.");
  }
  return {
    from: namedCollection('$graphLookup', context, from),
    as: splitFieldPath(as),
    startWith,
    connectFrom: splitFieldPath(connectFromField),
    connectTo: splitFieldPath(connectToField),
    depthField,
    maxDepth,
    restriction,
  };
}

function assertText(name: TextArgument, value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof Map && name === 'from') refuseForeignDatabase('$graphLookup', value);
  // What `from` may be is let through for the others too, and falls at the next check.
  if (value instanceof Map) throw new DocumentError(13111, `wrong type for field (${name}) object != string`);
  if (name === 'from') throw new DocumentError('FailedToParse', `$graphLookup 'from' field must be a string, but found ${typeNameOf(value)}`);
  throw new DocumentError(40103, `expected string as argument for ${name}, found: ${typeNameOf(value)}`);
}

function parseMaxDepth(value: Value): number {
  if (!isNumeric(value)) throw new DocumentError(40100, `maxDepth must be numeric, found type: ${typeNameOf(value)}`);
  const depth = clampedLong(value);
  if (depth < 0n) throw new DocumentError(40101, `maxDepth requires a nonnegative argument, found: ${depth}`);
  if (Number(depth) !== toDouble(value)) throw new DocumentError(40102, `maxDepth could not be represented as a long long: ${depth}`);
  return Number(depth);
}

function parseRestriction(value: Value, { expressions }: StageContext): Filter {
  if (!(value instanceof Map)) throw new DocumentError(40185, `restrictSearchWithMatch must be an object, found ${typeNameOf(value)}`);
  return withParsingContext("Failed to parse 'restrictSearchWithMatch' option to $graphLookup", () => parseFilter(value, expressions, 'search'));
}

/** Values of the frontier by their keys; undefined stands for missing, which nothing is connected to. */
type Frontier = Map<string, Value>;

async function* runSearch(input: Batches, search: Search, environment: PipelineEnvironment): Batches {
  for await (const batch of input) {
    const joined: Document[] = [];
    for (const document of batch) {
      assertRunning(environment);
      joined.push(withNestedValue(document, search.as, await searchFrom(document, search, environment)));
    }
    yield joined;
  }
}

const maxSearchBytes = 100 * 1024 * 1024;

async function searchFrom(document: Document, search: Search, environment: PipelineEnvironment): Promise<Document[]> {
  const visited = new Map<string, Document>();
  let bytes = 0;
  let frontier = startOf(search.startWith.evaluate(environment.scopeFor(document)));
  for (let depth = 0; depth <= search.maxDepth && frontier.size > 0; depth += 1) {
    assertRunning(environment);
    const next: Frontier = new Map();
    for await (const batch of environment.readCollection(search.from, [newMatchStage(frontierFilter(search, [...frontier.values()]))], environment)) {
      for (const found of batch) {
        const key = idKeyOf(found, search.from);
        if (visited.has(key)) continue;
        bytes += approximateSizeOfDocument(found);
        if (bytes > maxSearchBytes) throw new DocumentError(40099, '$graphLookup reached maximum memory consumption');
        const result = search.depthField ? withNestedValue(found, search.depthField, BigInt(depth)) : found;
        visited.set(key, result);
        visitValues(result, search.connectFrom, (value) => addToFrontier(next, value));
      }
    }
    frontier = next;
  }
  return [...visited.values()];
}

function startOf(value: Maybe): Frontier {
  const frontier: Frontier = new Map();
  for (const start of Array.isArray(value) ? value : [value]) addToFrontier(frontier, start);
  return frontier;
}

function addToFrontier(frontier: Frontier, value: Maybe): void {
  if (value !== undefined) frontier.set(hashKeyOf(value), value);
}

function idKeyOf(document: Document, { database, collection }: CollectionName): string {
  const id = document.get('_id');
  if (id === undefined) throw new DocumentError(40271, `Documents in the '${database}.${collection}' namespace must contain an _id for de-duplication in $graphLookup`);
  return hashKeyOf(id);
}

/** Null finds null, but not what is missing. */
function frontierFilter({ connectTo, restriction }: Search, values: readonly Value[]): Filter {
  const filters: Filter[] = restriction ? [restriction] : [];
  filters.push(keysFilter(connectTo, values));
  if (values.some((value) => value === null || value instanceof BsonUndefined)) filters.push({ operator: '$exists', path: connectTo });
  return filters.length === 1 ? filters[0]! : { operator: '$and', filters };
}

const collections = { b: '[{"_id": 1, "to": 2}, {"_id": 2, "to": [3, 1]}, {"_id": 3}, {"_id": 4, "to": 1}]' };

export const graphLookupStage: StageKind = {
  name: '$graphLookup',
  survey: surveyGraphLookup,
  parse: parseGraphLookup,
  places: everywhere,
  examples: [
    {
      stage: '{"from": "b", "startWith": "$a", "connectFromField": "to", "connectToField": "_id", "as": "path", "depthField": "d"}',
      input: '[{"a": 1}]',
      collections,
      result:
        '[{"a": 1, "path": [{"_id": 1, "to": 2, "d": {"$numberLong": "0"}}, {"_id": 2, "to": [3, 1], "d": {"$numberLong": "1"}}, {"_id": 3, "d": {"$numberLong": "2"}}]}]',
    },
    {
      stage: '{"from": "b", "startWith": "$a", "connectFromField": "to", "connectToField": "_id", "as": "path", "maxDepth": 0}',
      input: '[{"a": [1, 3]}, {}]',
      collections,
      result: '[{"a": [1, 3], "path": [{"_id": 1, "to": 2}, {"_id": 3}]}, {"path": []}]',
    },
    {
      stage: '{"from": "b", "startWith": 1, "connectFromField": "to", "connectToField": "_id", "as": "path", "restrictSearchWithMatch": {"_id": {"$lt": 2}}}',
      input: '[{}]',
      collections,
      result: '[{"path": [{"_id": 1, "to": 2}]}]',
    },
    { stage: '1', error: 9 },
    { stage: '{"from": "b"}', error: 40105 },
    { stage: '{"from": {"db": "d", "coll": "b"}}', error: 9 },
    { stage: '{"from": {"x": 1}}', error: 40415 },
    { stage: '{"from": "b", "as": 1}', error: 40103 },
    { stage: '{"from": "b", "as": {}}', error: 13111 },
    { stage: '{"from": "b", "depthField": "$d"}', error: 16410 },
    { stage: '{"from": "b", "maxDepth": "x"}', error: 40100 },
    { stage: '{"from": "b", "maxDepth": -1}', error: 40101 },
    { stage: '{"from": "b", "maxDepth": {"$numberDouble": "-Infinity"}}', error: 40101 },
    { stage: '{"from": "b", "maxDepth": {"$numberDouble": "Infinity"}}', error: 40102 },
    { stage: '{"from": "b", "maxDepth": 1.5}', error: 40102 },
    { stage: '{"from": "b", "as": 1}', error: 40103 },
    { stage: '{"from": "b", "x": "y"}', error: 40104 },
    { stage: '{"from": "b", "restrictSearchWithMatch": 1}', error: 40185 },
    { stage: '{"as": 1}', error: 9 },
    { stage: '{"from": 1}', error: 9 },
    { stage: '{"from": ""}', error: 73 },
  ],
};

// Stages that bring their own documents: $documents, and those that tell of the server.

import { typeNameOf } from '../../../../values/bson/types.ts';
import type { Document, TypeName, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { shellText } from '../../expressions/shell-text.ts';
import { typeNameOfMaybe } from '../../expressions/coercions.ts';
import { batchesOf } from '../batches.ts';
import { notInFacets } from '../stage.ts';
import type { Batches, CollectionName, PipelineEnvironment, SourceStage, StageContext, StageKind } from '../stage.ts';
import { readArguments } from '../stage-arguments.ts';

function newSourceStage(name: SourceStage['name'], read: (environment: PipelineEnvironment) => Promise<readonly Document[]>): SourceStage {
  async function* run(_input: Batches, environment: PipelineEnvironment): Batches {
    yield* batchesOf(await read(environment));
  }
  return { name, run };
}

function parseDocuments(argument: Value, { expressions }: StageContext): SourceStage {
  const { evaluate } = parseExpression(argument, expressions);
  return newSourceStage('$documents', async (environment) => {
    const documents = evaluate(environment.scopeFor(new Map()));
    if (!Array.isArray(documents)) throw new DocumentError(5858203, 'an array is expected');
    return documents.map(assertDocument);
  });
}

function assertDocument(value: Value): Document {
  if (value instanceof Map) return value;
  throw new DocumentError(
    40228,
    `'newRoot' expression  must evaluate to an object, but resulting value was: ${shellText(value)}. Type of resulting value: '${typeNameOfMaybe(value)}'.`,
  );
}

export const documentsStage: StageKind = {
  name: '$documents',
  parse: parseDocuments,
  position: 'first',
  places: notInFacets,
  collectionless: 'only',
  examples: [
    { stage: '[{"a": 1}, {"a": {"$add": [1, 1]}}]', result: '[{"a": 1}, {"a": 2}]' },
    { stage: '[]', result: '[]' },
    { stage: '{"a": 1}', error: 5858203 },
    { stage: '[1]', error: 40228 },
  ],
};

function ownCollection(name: string, { database, collection }: StageContext): CollectionName {
  if (collection === undefined) throw new DocumentError('InvalidNamespace', `{aggregate: 1} is not valid for '${name}'; a collection is required.`);
  return { database, collection };
}

function parseCollStats(argument: Value, context: StageContext): SourceStage {
  if (!(argument instanceof Map)) throw new DocumentError(40166, `$collStats must take a nested object but found: $collStats: ${shellText(argument)}`);
  const object: { types: readonly TypeName[] } = { types: ['object'] };
  const given = readArguments('$collStats', argument, { latencyStats: object, storageStats: object, count: object, queryExecStats: object });
  const source = ownCollection('$collStats', context);
  return newSourceStage('$collStats', ({ statistics }) => statistics.collection(source, given));
}

export const collStatsStage: StageKind = {
  name: '$collStats',
  parse: parseCollStats,
  position: 'first',
  places: notInFacets,
  allowedInTransaction: false,
  examples: [
    { stage: '1', error: 40166 },
    { stage: '{"x": 1}', error: 40415 },
    { stage: '{"count": 1}', error: 14 },
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

const operationOptions: ReadonlySet<string> = new Set(['allUsers', 'idleConnections', 'idleSessions', 'localOps', 'truncateOps', 'idleCursors', 'backtrace', 'targetAllNodes']);

function parseCurrentOp(argument: Value, { database, collection }: StageContext): SourceStage {
  if (!(argument instanceof Map)) throw new DocumentError('FailedToParse', `$currentOp options must be specified in an object, but found: ${typeNameOf(argument)}`);
  for (const [name, value] of argument) {
    if (!operationOptions.has(name)) throw new DocumentError('FailedToParse', `Unrecognized option '${name}' in $currentOp stage.`);
    if (typeof value !== 'boolean') throw new DocumentError('FailedToParse', `The '${name}' parameter of the $currentOp stage must be a boolean value, but found: ${typeNameOf(value)}`);
  }
  if (database !== 'admin' || collection !== undefined) throw new DocumentError('InvalidNamespace', "$currentOp must be run against the 'admin' database with {aggregate: 1}");
  return newSourceStage('$currentOp', ({ statistics }) => statistics.operations(argument));
}

export const currentOpStage: StageKind = {
  name: '$currentOp',
  parse: parseCurrentOp,
  position: 'first',
  places: notInFacets,
  collectionless: 'only',
  allowedInTransaction: false,
  examples: [
    { stage: '1', error: 9 },
    { stage: '{"x": true}', error: 9 },
    { stage: '{"allUsers": 1}', error: 9 },
    { stage: '{}', error: 73 },
  ],
};

function readSessionOptions(name: string, argument: Value): Document {
  if (!(argument instanceof Map)) throw new DocumentError('TypeMismatch', `${name} options must be specified in an object, but found: ${typeNameOf(argument)}`);
  const given = readArguments(name, argument, { users: { types: ['array'] }, allUsers: { types: ['bool'] } });
  if (given.get('allUsers') === true && given.has('users')) {
    throw new DocumentError('UnsupportedFormat', `${name} may not specify {allUsers:true} and {users:[...]} at the same time`);
  }
  return given;
}

function parseListSessions(argument: Value, { database, collection }: StageContext): SourceStage {
  if (database !== 'config' || collection !== 'system.sessions') throw new DocumentError('InvalidNamespace', '$listSessions may only be run against config.system.sessions');
  const options = readSessionOptions('$listSessions', argument);
  return newSourceStage('$listSessions', ({ statistics }) => statistics.sessions(options, false));
}

export const listSessionsStage: StageKind = {
  name: '$listSessions',
  parse: parseListSessions,
  position: 'first',
  places: new Set(),
  allowedInTransaction: false,
  examples: [{ stage: '{}', error: 73 }],
};

function parseListLocalSessions(argument: Value): SourceStage {
  const options = readSessionOptions('$listLocalSessions', argument);
  return newSourceStage('$listLocalSessions', ({ statistics }) => statistics.sessions(options, true));
}

export const listLocalSessionsStage: StageKind = {
  name: '$listLocalSessions',
  parse: parseListLocalSessions,
  position: 'first',
  places: new Set(),
  collectionless: 'only',
  allowedInTransaction: false,
  examples: [
    { stage: '1', error: 14 },
    { stage: '{"allUsers": true, "users": []}', error: 12 },
  ],
};

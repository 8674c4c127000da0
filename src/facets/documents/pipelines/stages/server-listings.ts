// $currentOp, $listSessions and $listLocalSessions.

import { typeNameOf } from '../../../../values/bson/types.ts';
import type { Document, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { notInFacets } from '../stage.ts';
import type { SourceStage, StageContext, StageKind } from '../stage.ts';
import { readArguments } from '../stage-arguments.ts';
import { newSourceStage } from './source-stage.ts';

const operationOptions: ReadonlySet<string> = new Set(['allUsers', 'idleConnections', 'idleSessions', 'localOps', 'truncateOps', 'idleCursors', 'backtrace', 'targetAllNodes']);

function assertOptions(argument: Value): asserts argument is Document {
  if (!(argument instanceof Map)) throw new DocumentError('FailedToParse', `$currentOp options must be specified in an object, but found: ${typeNameOf(argument)}`);
  for (const name of ['allUsers', 'localOps']) if (argument.has(name)) assertFlag(name, argument.get(name)!);
}

function assertFlag(name: string, value: Value): void {
  if (typeof value !== 'boolean') throw new DocumentError('FailedToParse', `The '${name}' parameter of the $currentOp stage must be a boolean value, but found: ${typeNameOf(value)}`);
}

function parseCurrentOp(argument: Value, { database, collection }: StageContext): SourceStage {
  assertOptions(argument);
  if (database !== 'admin' || collection !== undefined) throw new DocumentError('InvalidNamespace', "$currentOp must be run against the 'admin' database with {aggregate: 1}");
  for (const [name, value] of argument) {
    if (!operationOptions.has(name)) throw new DocumentError('FailedToParse', `Unrecognized option '${name}' in $currentOp stage.`);
    assertFlag(name, value);
  }
  return newSourceStage('$currentOp', ({ statistics }) => Promise.resolve(statistics.operations(argument)));
}

export const currentOpStage: StageKind = {
  name: '$currentOp',
  survey(argument) {
    assertOptions(argument);
    return [];
  },
  parse: parseCurrentOp,
  position: 'first',
  places: notInFacets,
  collectionless: 'only',
  allowedInTransaction: false,
  examples: [
    { stage: '1', error: 9 },
    { stage: '{"x": true}', error: 73 },
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
  const options = readSessionOptions('$listSessions', argument);
  if (database !== 'config' || collection !== 'system.sessions') throw new DocumentError('InvalidNamespace', '$listSessions may only be run against config.system.sessions');
  return newSourceStage('$listSessions', ({ statistics }) => Promise.resolve(statistics.sessions(options)));
}

export const listSessionsStage: StageKind = {
  name: '$listSessions',
  survey(argument) {
    readSessionOptions('$listSessions', argument);
    return [];
  },
  parse: parseListSessions,
  position: 'first',
  places: new Set(),
  allowedInTransaction: false,
  examples: [
    { stage: '{}', error: 73 },
    { stage: '{"x": 1}', error: 40415 },
  ],
};

function parseListLocalSessions(argument: Value): SourceStage {
  const options = readSessionOptions('$listLocalSessions', argument);
  return newSourceStage('$listLocalSessions', ({ statistics }) => Promise.resolve(statistics.sessions(options)));
}

export const listLocalSessionsStage: StageKind = {
  name: '$listLocalSessions',
  survey(argument) {
    readSessionOptions('$listLocalSessions', argument);
    return [];
  },
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

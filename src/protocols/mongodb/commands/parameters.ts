// getParameter and setParameter. Source: MongoDB 7.0, src/mongo/db/commands/parameters.cpp.

import { DocumentError } from '../../../facets/documents/index.ts';
import { int32, type Value } from '../../../values/bson/types.ts';
import { type CommandContext, command } from '../command.ts';
import { anyValue, optional, readFields, required, safeBool } from '../fields.ts';
import { genericFields } from '../generic-fields.ts';
import { mongodbLimits } from '../limits.ts';

const parameters = new Map<string, Value>([
  ['featureCompatibilityVersion', new Map([['version', '7.0']])],
  ['authenticationMechanisms', ['SCRAM-SHA-256']],
  ['localLogicalSessionTimeoutMinutes', int32(mongodbLimits.sessionTimeoutMs / 60_000)],
  ['transactionLifetimeLimitSeconds', int32(mongodbLimits.transactionLifetimeMs / 1_000)],
  ['cursorTimeoutMillis', BigInt(mongodbLimits.cursorTimeoutMs)],
  ['maxTransactionLockRequestTimeoutMillis', int32(5)],
  ['minSnapshotHistoryWindowInSeconds', int32(mongodbLimits.snapshotLifetimeMs / 1_000)],
  ['quiet', false],
]);

function parametersOf(server: CommandContext['server']): Map<string, Value> {
  return new Map(parameters).set('enableTestCommands', int32(server.failPoints === undefined ? 0 : 1));
}

const detailFields = { showDetails: optional(safeBool, false), allParameters: optional(safeBool, false) } as const;

export const getParameter = command({
  name: 'getParameter',
  summary: 'Tells the values of parameters.',
  adminOnly: true,
  fields: { getParameter: required(anyValue), comment: optional(anyValue) },
  run: ({ getParameter: asked }, { body, server }) => {
    const { showDetails, allParameters } = readFields(asked instanceof Map ? asked : new Map<string, Value>(), detailFields, { path: 'getParameter' });
    const wanted = [...parametersOf(server)].filter(([name]) => asked === '*' || allParameters || body.has(name));
    if (wanted.length === 0) throw new DocumentError('InvalidOptions', 'no option found to get');
    // They are set when FacetDB starts, or not at all.
    return new Map(wanted.map(([name, value]) => [name, showDetails ? new Map<string, Value>([['value', value], ['settableAtRuntime', false], ['settableAtStartup', false]]) : value]));
  },
  takesOthers: true,
});

export const setParameter = command({
  name: 'setParameter',
  summary: 'Refused for every parameter: they are set when FacetDB starts.',
  adminOnly: true,
  takesOthers: true,
  fields: { setParameter: required(anyValue) },
  run: (_fields, { body, server }) => {
    const known = parametersOf(server);
    const asked = [...body.keys()].filter((name) => name !== 'setParameter' && !Object.hasOwn(genericFields, name));
    const unknown = asked.find((name) => !known.has(name));
    if (unknown !== undefined) throw new DocumentError('InvalidOptions', `attempted to set unrecognized parameter [${unknown}], use help:true to see options `);
    const [first] = asked;
    if (first === undefined) throw new DocumentError('InvalidOptions', 'no option found to set, use help:true to see options ');
    throw new DocumentError('IllegalOperation', `not allowed to change [${first}] at runtime`);
  },
});

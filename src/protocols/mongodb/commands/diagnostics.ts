// What clients and tools ask about the server.

import { arch, cpus, hostname, platform, release, totalmem, type as osType } from 'node:os';
import { DocumentError, shellText } from '../../../facets/documents/index.ts';
import { version } from '../../../kernel/version.ts';
import { DateTime, int32, isNumeric, typeNameOf, type Document, type Value } from '../../../values/bson/types.ts';
import { command } from '../command.ts';
import { anyValue, ignored, int, long, number, numberOf, object, optional, required, safeBool, text } from '../fields.ts';
import { mongodbLimits } from '../limits.ts';
import { operationEntry, runningOperations } from '../server-listings.ts';
import { mongodbVersion, mongodbVersionParts } from '../version.ts';

export const buildInfo = command({
  name: 'buildInfo',
  aliases: ['buildinfo'],
  summary: 'Tells the version.',
  anonymous: true,
  takesOthers: true,
  fields: { buildInfo: required(anyValue) },
  run: () =>
    new Map<string, Value>([
      ['version', mongodbVersion], ['gitVersion', `facetdb-${version}`], ['modules', []], ['allocator', 'system'], ['javascriptEngine', 'none'],
      ['sysInfo', 'deprecated'], ['versionArray', mongodbVersionParts.map((part) => int32(part))], ['openssl', new Map([['running', process.versions.openssl ?? '']])],
      ['bits', int32(64)], ['debug', false], ['maxBsonObjectSize', int32(mongodbLimits.documentBytes)], ['storageEngines', ['facetdb']],
      ['facetdb', new Map([['version', version]])],
    ]),
});

export const hostInfo = command({
  name: 'hostInfo',
  summary: 'Tells of the machine.',
  takesOthers: true,
  fields: { hostInfo: required(anyValue) },
  run: () =>
    new Map<string, Value>([
      ['system', new Map<string, Value>([
        ['currentTime', new DateTime(BigInt(Date.now()))], ['hostname', hostname()], ['cpuAddrSize', int32(64)], ['memSizeMB', BigInt(Math.floor(totalmem() / 2 ** 20))],
        ['numCores', int32(cpus().length)], ['cpuArch', arch()], ['numaEnabled', false],
      ])],
      ['os', new Map<string, Value>([['type', osType()], ['name', platform()], ['version', release()]])],
      ['extra', new Map()],
    ]),
});

export const connectionStatus = command({
  name: 'connectionStatus',
  summary: 'Tells who is logged in.',
  anonymous: true,
  apiVersion1: true,
  fields: { connectionStatus: required(anyValue), showPrivileges: optional(safeBool, false) },
  run: ({ showPrivileges }, { connection }) => {
    const users: Value[] = connection.role === undefined ? [] : [new Map([['user', connection.role], ['db', 'admin']])];
    // Rights are PostgreSQL's grants on tables, which privileges of MongoDB's kind cannot express.
    return new Map<string, Value>([['authInfo', new Map<string, Value>([['authenticatedUsers', users], ['authenticatedUserRoles', []], ...(showPrivileges ? [['authenticatedUserPrivileges', []] as [string, Value]] : [])])]]);
  },
});

export const profile = command({
  name: 'profile',
  summary: 'Tells that operations are not recorded in a collection.',
  fields: { profile: required(int), slowms: ignored('nothing is recorded', long), sampleRate: ignored('nothing is recorded', number), filter: ignored('nothing is recorded') },
  run: ({ profile: level }) => {
    if (level > 0) throw new DocumentError('CommandNotSupported', 'profile: operations are not recorded in a collection: slow statements are in the log and in pg_stat_statements');
    return new Map<string, Value>([['was', int32(0)], ['slowms', int32(100)], ['sampleRate', 1]]);
  },
});

export const getLog = command({
  name: 'getLog',
  summary: 'The log is on standard error; here it is empty.',
  adminOnly: true,
  takesOthers: true,
  fields: { getLog: required(anyValue) },
  run: ({ getLog: name }) => {
    if (typeof name !== 'string') throw new DocumentError('TypeMismatch', `Argument to getLog must be of type String; found ${shellText(name)} of type ${typeNameOf(name)}`);
    if (name === '*') return new Map<string, Value>([['names', ['global', 'startupWarnings']]]);
    if (name !== 'global' && name !== 'startupWarnings') throw new DocumentError('OperationFailed', `No log named '${name}'`);
    return new Map<string, Value>([['totalLinesWritten', int32(0)], ['log', []]]);
  },
});

export const getCmdLineOpts = command({
  name: 'getCmdLineOpts',
  summary: 'Tells the options that concern clients.',
  adminOnly: true,
  takesOthers: true,
  fields: { getCmdLineOpts: required(anyValue) },
  run: (_fields, { server }) => {
    const { host, requiresAuthentication } = server.options;
    const net: Document = new Map<string, Value>([['bindIp', host], ['port', int32(server.port)]]);
    const security: Document = new Map([['authorization', requiresAuthentication ? 'enabled' : 'disabled']]);
    return new Map<string, Value>([['argv', ['facetdb']], ['parsed', new Map<string, Value>([['net', net], ['security', security]])]]);
  },
});

export const whatsMyUri = command({
  name: 'whatsmyuri',
  summary: "Tells the client's address.",
  anonymous: true,
  takesOthers: true,
  fields: { whatsmyuri: required(anyValue) },
  run: (_fields, { connection }) => new Map([['you', connection.address]]),
});

export const currentOp = command({
  name: 'currentOp',
  summary: 'Lists what runs: everything for superusers of a server without authentication, else what is one’s own.',
  adminOnly: true,
  fields: { currentOp: required(anyValue), $all: ignored('idle connections are not listed'), $ownOps: ignored('only one’s own operations are listed') },
  takesOthers: true,
  run: (_fields, context) => new Map<string, Value>([['inprog', [...runningOperations(context)].map(operationEntry)]]),
});

/** Throws DocumentError: NoSuchKey, TypeMismatch, BadValue, code 26823. */
function operationId(value: Value | undefined): bigint {
  if (value === undefined) throw new DocumentError('NoSuchKey', 'Missing expected field "op"');
  if (!isNumeric(value)) throw new DocumentError('TypeMismatch', `Expected field "op" to have numeric type, but found ${typeNameOf(value)}`);
  const id = long(value, 'op');
  if (Number(id) !== numberOf(value)) throw new DocumentError('BadValue', `Expected field "op" to have a value exactly representable as a 64-bit integer, but found op: ${shellText(value)}`);
  if (id < -(2n ** 31n) || id >= 2n ** 32n) throw new DocumentError(26_823, `invalid op : ${id}. Op ID cannot be represented with 32 bits`);
  return id;
}

export const killOp = command({
  name: 'killOp',
  summary: 'Ends an operation of one’s own.',
  adminOnly: true,
  takesOthers: true,
  fields: { killOp: required(anyValue), op: optional(anyValue) },
  run: ({ op: asked }, context) => {
    const op = operationId(asked);
    for (const other of runningOperations(context)) if (BigInt(other.running!.opId) === op) other.running!.abort.abort(new DocumentError('Interrupted', 'operation was interrupted'));
    return new Map([['info', 'attempting to kill op']]);
  },
});

export const configureFailPoint = command({
  name: 'configureFailPoint',
  summary: 'Makes commands fail on demand; only with --test-commands.',
  adminOnly: true,
  fields: { configureFailPoint: required(text), mode: required(anyValue), data: optional(object, new Map<string, Value>()) },
  run: ({ configureFailPoint: name, mode, data }, { server }) => {
    if (server.failPoints === undefined) throw new DocumentError('CommandNotFound', "no such command: 'configureFailPoint' (it needs --test-commands)");
    return new Map([['count', int32(server.failPoints.configure(name, mode, data))]]);
  },
});

export const top = command({
  name: 'top',
  summary: 'Tells how often and for how long this gateway was at work on each collection, to superusers.',
  adminOnly: true,
  takesOthers: true,
  fields: { top: required(anyValue) },
  run: (_fields, { server, connection }) => {
    if (!connection.isSuperuser) throw new DocumentError('Unauthorized', 'not authorized on admin to execute command { top: 1 }');
    const totals: Document = new Map([['note', 'all times in microseconds']]);
    for (const [namespace, kinds] of server.times.entries()) {
      totals.set(namespace, new Map(Object.entries(kinds).map(([kind, { count, micros }]) => [kind, new Map<string, Value>([['time', BigInt(Math.round(micros))], ['count', BigInt(count)]])])));
    }
    return new Map([['totals', totals]]);
  },
});

export const connPoolStats = command({
  name: 'connPoolStats',
  summary: 'Tells of the connections to other members: there are none.',
  takesOthers: true,
  fields: { connPoolStats: required(anyValue) },
  run: () => new Map<string, Value>([
    ...['numClientConnections', 'numAScopedConnections', 'totalInUse', 'totalAvailable', 'totalLeased', 'totalCreated', 'totalRefreshing', 'totalRefreshed'].map((name): [string, Value] => [name, int32(0)]),
    ['pools', new Map()], ['hosts', new Map()], ['replicaSets', new Map()],
  ]),
});

export const features = command({
  name: 'features',
  summary: 'Tells the part of new object ids that is this process’s.',
  takesOthers: true,
  fields: { features: required(anyValue) },
  run: ({ features: _asked }, { server }) => new Map([['oidMachine', int32(Buffer.from(server.processId).readInt32BE())]]),
});

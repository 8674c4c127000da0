// What tools ask of a replica set: it has one member, which is this one. Source of the fields: MongoDB 7.0,
// repl_set_get_status and repl_set_get_config in the manual, get_default_rw_concern.idl.

import { DateTime, Timestamp, int32, type Document, type Value } from '../../../values/bson/types.ts';
import { type CommandContext, command } from '../command.ts';
import { anyValue, ignored, required, safeBool } from '../fields.ts';
import { memberAddress, setName } from '../replica-set.ts';

/** There was no election before it, and none after. */
const term = 1n;
const heartbeatMs = 2_000n;

function opTime({ server }: CommandContext): Document {
  return new Map<string, Value>([['ts', server.clock.now()], ['t', term]]);
}

export const replSetGetStatus = command({
  name: 'replSetGetStatus',
  summary: 'Tells the state of the replica set, which has one member.',
  adminOnly: true,
  takesOthers: true,
  fields: { replSetGetStatus: required(anyValue), initialSync: ignored('there is no initial sync') },
  run: (_fields, context) => {
    const { server } = context;
    const now = new DateTime(BigInt(Date.now()));
    const time = opTime(context);
    const member: Document = new Map<string, Value>([
      ['_id', int32(0)], ['name', memberAddress(server)], ['health', 1], ['state', int32(1)], ['stateStr', 'PRIMARY'], ['uptime', int32(Math.floor((Date.now() - server.startedAtMs) / 1_000))],
      ['optime', time], ['optimeDate', now], ['lastAppliedWallTime', now], ['lastDurableWallTime', now], ['syncSourceHost', ''], ['syncSourceId', int32(-1)], ['infoMessage', ''],
      ['electionTime', new Timestamp(BigInt(Math.floor(server.startedAtMs / 1_000)) << 32n)], ['electionDate', new DateTime(BigInt(server.startedAtMs))],
      ['configVersion', int32(1)], ['configTerm', int32(Number(term))], ['self', true], ['lastHeartbeatMessage', ''],
    ]);
    return new Map<string, Value>([
      ['set', setName], ['date', now], ['myState', int32(1)], ['term', term], ['syncSourceHost', ''], ['syncSourceId', int32(-1)], ['heartbeatIntervalMillis', heartbeatMs],
      ['majorityVoteCount', int32(1)], ['writeMajorityCount', int32(1)], ['votingMembersCount', int32(1)], ['writableVotingMembersCount', int32(1)],
      ['optimes', new Map<string, Value>([
        ['lastCommittedOpTime', time], ['lastCommittedWallTime', now], ['readConcernMajorityOpTime', time], ['appliedOpTime', time], ['durableOpTime', time], ['lastAppliedWallTime', now], ['lastDurableWallTime', now],
      ])],
      ['members', [member]],
    ]);
  },
});

export const replSetGetConfig = command({
  name: 'replSetGetConfig',
  summary: 'Tells the members of the replica set: one.',
  adminOnly: true,
  takesOthers: true,
  fields: { replSetGetConfig: required(anyValue) },
  run: (_fields, { server }) => {
    const member: Document = new Map<string, Value>([
      ['_id', int32(0)], ['host', memberAddress(server)], ['arbiterOnly', false], ['buildIndexes', true], ['hidden', false], ['priority', 1], ['tags', new Map()], ['secondaryDelaySecs', 0n], ['votes', int32(1)],
    ]);
    return new Map<string, Value>([['config', new Map<string, Value>([
      ['_id', setName], ['version', int32(1)], ['term', int32(Number(term))], ['members', [member]], ['protocolVersion', 1n], ['writeConcernMajorityJournalDefault', true],
      ['settings', new Map<string, Value>([['chainingAllowed', true], ['heartbeatIntervalMillis', int32(Number(heartbeatMs))]])],
    ])]]);
  },
});

export const getDefaultRWConcern = command({
  name: 'getDefaultRWConcern',
  summary: 'Tells the concerns that hold where an operation names none.',
  adminOnly: true,
  fields: { getDefaultRWConcern: required(anyValue), inMemory: ignored('there is one place where it is kept', safeBool) },
  run: () => new Map<string, Value>([
    ['defaultReadConcern', new Map([['level', 'local']])], ['defaultWriteConcern', new Map<string, Value>([['w', 'majority'], ['wtimeout', int32(0)]])],
    ['defaultWriteConcernSource', 'implicit'], ['defaultReadConcernSource', 'implicit'], ['localUpdateWallClockTime', new DateTime(BigInt(Date.now()))],
  ]),
});

export const shardingState = command({
  name: 'shardingState',
  summary: 'Tells that there are no shards.',
  adminOnly: true,
  takesOthers: true,
  fields: { shardingState: required(anyValue) },
  run: () => new Map([['enabled', false]]),
});

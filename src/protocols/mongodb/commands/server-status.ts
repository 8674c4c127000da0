// serverStatus: what tools that watch a server read, section by section. What is told was counted by this gateway; what only
// MongoDB's own storage could tell is not there.

import { hostname } from 'node:os';
import { DateTime, int32, isNumeric, type Document, type Maybe, type Value } from '../../../values/bson/types.ts';
import { command } from '../command.ts';
import { anyValue, ignored, numberOf, required } from '../fields.ts';
import { mongodbLimits } from '../limits.ts';
import { memberFields } from '../replica-set.ts';
import type { MongodbServer } from '../server.ts';
import { kindOf } from '../server-counters.ts';
import { mongodbVersion } from '../version.ts';

type Section = (server: MongodbServer) => Document;

function longs(counts: Readonly<Record<string, number>>): Document {
  return new Map(Object.entries(counts).map(([name, count]) => [name, BigInt(Math.round(count))]));
}

function activeClients({ connections }: MongodbServer): Document {
  const count = { total: 0, readers: 0, writers: 0 };
  for (const { running } of connections.values()) {
    if (running === undefined) continue;
    const kind = kindOf(running.command);
    count.total += 1;
    count.readers += kind === 'reads' ? 1 : 0;
    count.writers += kind === 'writes' ? 1 : 0;
  }
  return new Map(Object.entries(count).map(([name, clients]) => [name, int32(clients)]));
}

/** By name, in MongoDB's order. A client leaves one out by `{name: 0}`. */
const sections: Readonly<Record<string, Section>> = {
  asserts: ({ counters }) => new Map([['regular', 0], ['warning', 0], ['msg', 0], ['user', counters.failures], ['tripwire', 0], ['rollovers', 0]].map(([name, count]) => [name, int32(count as number)] as [string, Value])),
  connections: (server) => new Map<string, Value>([
    ['current', int32(server.connections.size)], ['available', int32(mongodbLimits.sockets - server.connections.size)], ['totalCreated', int32(server.connectionsMade)], ['active', activeClients(server).get('total')!],
  ]),
  extra_info: () => {
    const { userCPUTime, systemCPUTime, maxRSS, minorPageFault, majorPageFault, fsRead, fsWrite, voluntaryContextSwitches, involuntaryContextSwitches } = process.resourceUsage();
    const usage = {
      user_time_us: userCPUTime, system_time_us: systemCPUTime, maximum_resident_set_kb: maxRSS, input_blocks: fsRead, output_blocks: fsWrite, page_reclaims: minorPageFault, page_faults: majorPageFault,
      voluntary_context_switches: voluntaryContextSwitches, involuntary_context_switches: involuntaryContextSwitches,
    };
    return new Map<string, Value>([['note', 'fields vary by platform'], ...longs(usage)]);
  },
  globalLock: (server) => new Map<string, Value>([['totalTime', BigInt(Date.now() - server.startedAtMs) * 1_000n], ['activeClients', activeClients(server)]]),
  logicalSessionRecordCache: ({ sessions }) => new Map([['activeSessionsCount', int32([...sessions.all()].length)]]),
  network: ({ counters: { messageBytes, socketBytes, requests } }) => longs({ bytesIn: messageBytes.in, bytesOut: messageBytes.out, physicalBytesIn: socketBytes.in, physicalBytesOut: socketBytes.out, numRequests: requests }),
  opLatencies: ({ counters: { latencies } }) => new Map(Object.entries(latencies).map(([name, { operations, micros }]): [string, Value] => [name, longs({ latency: micros, ops: operations })])),
  opcounters: ({ counters: { operations } }) => longs(operations),
  // There is nobody from whom operations would be taken over.
  opcountersRepl: () => longs({ insert: 0, query: 0, update: 0, delete: 0, getmore: 0, command: 0 }),
  repl: (server) => new Map<string, Value>([['isWritablePrimary', true], ...memberFields(server)]),
  storageEngine: () => new Map<string, Value>([['name', 'facetdb'], ['persistent', true], ['supportsCommittedReads', true], ['supportsSnapshotReadConcern', true], ['readOnly', false]]),
  transactions: (server) => transactionsOf(server),
  mem: () => {
    const { rss, heapUsed } = process.memoryUsage();
    return new Map<string, Value>([['bits', int32(64)], ['resident', int32(Math.round(rss / 2 ** 20))], ['heap', int32(Math.round(heapUsed / 2 ** 20))], ['supported', true]]);
  },
  metrics: ({ counters, cursors }) => new Map<string, Value>([
    ['commands', new Map([...counters.commands].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => [name, longs(count)]))],
    ['cursor', new Map<string, Value>([
      ['timedOut', BigInt(cursors.timedOut)], ['totalOpened', BigInt(cursors.totalOpened)],
      ['open', longs({ noTimeout: cursors.withoutTimeout, pinned: cursors.busy, total: cursors.count })],
    ])],
    ['document', longs(counters.documents)],
  ]),
};

function transactionsOf({ sessions, counters: { transactions } }: MongodbServer): Document {
  let open = 0;
  for (const { isInTransaction } of sessions.all()) if (isInTransaction) open += 1;
  return longs({ currentOpen: open, totalStarted: transactions.started, totalCommitted: transactions.committed, totalAborted: transactions.aborted });
}

function isLeftOut(asked: Maybe): boolean {
  return asked === false || (isNumeric(asked) && numberOf(asked) === 0);
}

/** `none` leaves out all that is not asked for. */
function isShown(name: string, body: Document): boolean {
  const asked = body.get(name);
  const isNone = body.has('none') && !isLeftOut(body.get('none'));
  return isNone ? asked !== undefined && !isLeftOut(asked) : !isLeftOut(asked);
}

const chooses = ignored('it chooses sections: read with the others');

export const serverStatus = command({
  name: 'serverStatus',
  summary: 'Tells how this gateway is doing: connections, operations, messages, documents, cursors, transactions, memory.',
  fields: { serverStatus: required(anyValue), ...Object.fromEntries(Object.keys(sections).map((name) => [name, chooses])), locks: ignored('locks are PostgreSQL’s: pg_locks') },
  takesOthers: true,
  run: (_fields, { server, body }) => {
    const millis = Date.now() - server.startedAtMs;
    const shown = Object.entries(sections).filter(([name]) => isShown(name, body));
    return new Map<string, Value>([
      ['host', `${hostname()}:${server.port}`], ['version', mongodbVersion], ['process', 'facetdb'], ['pid', BigInt(process.pid)], ['uptime', millis / 1_000], ['uptimeMillis', BigInt(millis)],
      ['uptimeEstimate', BigInt(Math.floor(millis / 1_000))], ['localTime', new DateTime(BigInt(Date.now()))], ...shown.map(([name, section]): [string, Value] => [name, section(server)]),
    ]);
  },
});

// A client's line in CLIENT LIST and CLIENT INFO.

import type { RedisConnection } from './connection.ts';

/** Without a line feed. What FacetDB has no figure for is 0, as the tools that read it expect each field. */
export function describeClient(connection: RedisConnection): string {
  const { subscriptions, transaction, queryBufferBytes, outputBytes } = connection;
  const fields: Record<string, string | number> = {
    id: connection.id,
    addr: connection.address,
    laddr: connection.localAddress,
    fd: connection.id,
    name: connection.name,
    age: secondsSince(connection.createdAtMs),
    idle: Math.floor((performance.now() - connection.lastRequestAt) / 1_000),
    flags: flagsOf(connection),
    db: connection.space,
    sub: subscriptions.channel.size,
    psub: subscriptions.pattern.size,
    ssub: subscriptions.shard.size,
    multi: transaction?.isQueueing === true ? transaction.length : -1,
    qbuf: queryBufferBytes,
    'qbuf-free': 0,
    'argv-mem': connection.argumentBytes,
    'multi-mem': transaction?.queuedBytes ?? 0,
    rbs: 0,
    rbp: 0,
    obl: 0,
    oll: 0,
    omem: outputBytes,
    'tot-mem': queryBufferBytes + outputBytes + (transaction?.queuedBytes ?? 0),
    events: outputBytes > 0 ? 'rw' : 'r',
    cmd: connection.lastCommand === '' ? 'NULL' : connection.lastCommand,
    user: connection.userName,
    redir: -1,
    resp: connection.protocol,
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

function secondsSince(milliseconds: number): number {
  return Math.floor((Date.now() - milliseconds) / 1_000);
}

function flagsOf(connection: RedisConnection): string {
  const flags = [
    connection.isMonitor ? 'O' : '',
    connection.isSubscriber ? 'P' : '',
    connection.transaction?.isQueueing === true ? 'x' : '',
    connection.blocking?.isWaiting === true ? 'b' : '',
    connection.transaction?.watched.some(({ isTouched }) => isTouched) === true ? 'd' : '',
    connection.isClosing ? 'c' : '',
    connection.isProtected ? 'e' : '',
  ].join('');
  return flags === '' ? 'N' : flags;
}

// MULTI, EXEC, DISCARD, WATCH, UNWATCH. What a transaction is, and how it runs: see transaction.ts.

import type { Command } from '../command.ts';
import { key } from '../command-syntax.ts';
import { allArguments, argumentsOf } from '../command.ts';
import type { RedisConnection } from '../connection.ts';
import { databaseOf } from '../database-number.ts';
import { RedisError, asRedisError, asReply } from '../redis-error.ts';
import { type Reply, ok } from '../reply.ts';
import { AfterCommit, Transaction, endTransaction, versionOf } from '../transaction.ts';

const nestedMulti = new RedisError('ERR MULTI calls can not be nested');
const watchInMulti = new RedisError('ERR WATCH inside MULTI is not allowed');
const execAlone = new RedisError('ERR EXEC without MULTI');
const discardAlone = new RedisError('ERR DISCARD without MULTI');

export const transactionsCommands: readonly Command[] = [
  {
    name: 'discard', group: 'transactions', since: '2.0.0', summary: 'Discard all commands issued after MULTI', complexity: 'O(N), when N is the number of queued commands',
    arity: 1, flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'], local: discard,
  },
  {
    name: 'exec', group: 'transactions', since: '1.2.0', summary: 'Execute all commands issued after MULTI', complexity: 'Depends on commands in the transaction',
    arity: 1, flags: ['noscript', 'loading', 'stale', 'skip_slowlog'], local: exec,
  },
  {
    name: 'multi', group: 'transactions', since: '1.2.0', summary: 'Mark the start of a transaction block', complexity: 'O(1)',
    arity: 1, flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'], local: multi,
  },
  {
    name: 'unwatch', group: 'transactions', since: '2.2.0', summary: 'Forget about all watched keys', complexity: 'O(1)',
    arity: 1, flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'], local: unwatch,
  },
  {
    name: 'watch', group: 'transactions', since: '2.2.0', summary: 'Watch the given keys to determine execution of the MULTI/EXEC block', complexity: 'O(1) for every key.',
    syntax: [key('key', { multiple: true })],
    arity: -2, flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'], keys: allArguments, local: watch,
  },
];

function multi(connection: RedisConnection): Reply {
  connection.transaction ??= new Transaction();
  if (connection.transaction.isQueueing) return nestedMulti;
  connection.transaction.isQueueing = true;
  return ok;
}

function discard(connection: RedisConnection): Reply {
  if (connection.transaction?.isQueueing !== true) return discardAlone;
  endTransaction(connection);
  return ok;
}

function unwatch(connection: RedisConnection): Reply {
  // Queued by MULTI it runs after EXEC has looked at the watched keys.
  if (connection.transaction?.isQueueing === false) endTransaction(connection);
  return ok;
}

function watch(connection: RedisConnection, args: readonly Buffer[]): Reply | Promise<Reply> {
  connection.transaction ??= new Transaction();
  if (connection.transaction.isQueueing) return watchInMulti;
  const { space, server, transaction } = connection;
  const added = args.flatMap((key) => transaction.watch(space, key) ?? []);
  for (const watched of added) server.watchedKeys.add(watched);
  return new Promise((resolve) => {
    const keys = added.map(({ key }) => key);
    const look = {
      space, keys, rowsOnly: true, committedOnly: true,
      run: (unit: Parameters<typeof versionOf>[0]): void => {
        for (const watched of added) watched.version = versionOf(unit, space, watched.key);
      },
    } as const;
    connection.submit('read', look, (error, reply) => {
      if (error === undefined) return resolve(reply === undefined ? ok : asReply(reply));
      endTransaction(connection);
      resolve(asRedisError(error));
    });
  });
}

async function exec(connection: RedisConnection): Promise<Reply> {
  const { transaction, server, space } = connection;
  if (transaction?.isQueueing !== true) throw execAlone;
  try {
    for (const { command, request } of transaction.queue) server.monitors.show(connection, command, request);
    const { mode, keyRequest } = transaction.request(connection);
    await prepareSpaces(connection, transaction);
    const replies = await new Promise<Reply>((resolve, reject) => {
      connection.submit(mode, keyRequest, (error, reply) => {
        if (error === undefined) return resolve(asReply(reply));
        connection.space = space;
        reject(error);
      });
    });
    if (!Array.isArray(replies)) return replies;
    return await finish(connection, transaction, replies as (Reply | Promise<Reply> | AfterCommit)[]);
  } finally {
    endTransaction(connection);
  }
}

/** SELECT within a transaction cannot wait for a database to be made. */
async function prepareSpaces(connection: RedisConnection, { queue }: Transaction): Promise<void> {
  for (const { command, request } of queue) {
    if (command.name !== 'select') continue;
    const number = databaseOf(argumentsOf(command, request)[0]!);
    if (number !== undefined) await connection.server.keyvalue.prepareSpace(number);
  }
}

/** After the commit: what others see, what took longer, and the statistics. */
async function finish({ server }: RedisConnection, { queue }: Transaction, replies: readonly (Reply | Promise<Reply> | AfterCommit)[]): Promise<Reply> {
  const finished: Reply[] = [];
  for (const [index, reply] of replies.entries()) {
    let final: Reply;
    try {
      final = await (reply instanceof AfterCommit ? reply.run() : reply);
    } catch (error) {
      final = asRedisError(error);
    }
    server.statistics.ran(queue[index]!.command.name, 0, final instanceof Error ? final.message : undefined);
    finished.push(final);
  }
  return finished;
}

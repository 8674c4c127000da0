// What COMMAND tells of each supported command is what a real Redis tells, in both protocol versions.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { commands } from '../../src/protocols/redis/registry.ts';
import { startFacetDB } from './support/facetdb.ts';
import { missingOriginal, startOriginalRedis } from './support/original-redis.ts';
import { RespClient, closed } from './support/resp-client.ts';
import { type RespReply, shownReply } from './support/resp-reply.ts';

/** Elements and long values are rows on disk here, so some commands cost something else. */
const ownComplexity = new Set(['append', 'del', 'dump', 'getrange', 'keys', 'move', 'restore', 'setbit', 'setrange', 'substr', 'unlink']);
const categories =
  'keyspace read write set sortedset list hash string bitmap hyperloglog geo stream pubsub admin fast slow blocking dangerous connection transaction scripting';

const skip = missingOriginal();
const pair = skip === false ? await connectBoth() : undefined;
const supported = commands.filter((command) => !('unsupported' in command) && command.name !== 'facetdb');
/** With subcommands, but without what is refused. */
const names = supported.flatMap((command) => [
  command.name,
  ...('subcommands' in command ? command.subcommands.filter((subcommand) => !('unsupported' in subcommand)).map(({ name }) => name) : []),
]);

for (const protocol of ['2', '3']) {
  for (const question of ['DOCS', 'INFO']) {
    test(`COMMAND ${question} in RESP${protocol}`, { skip }, async () => {
      await ask('HELLO', protocol);
      for (const name of names) {
        const { facetdb, original } = await ask('COMMAND', question, name);
        assert.equal(shownReply(ours(facetdb)), shownReply(ours(original)), name);
      }
    });
  }
}

test('COMMAND LIST FILTERBY ACLCAT', { skip }, async () => {
  for (const category of categories.split(' ')) {
    const { facetdb, original } = await ask('COMMAND', 'LIST', 'FILTERBY', 'ACLCAT', category);
    assert.deepEqual(listed(facetdb), listed(original), category);
  }
});

test('COMMAND GETKEYS and GETKEYSANDFLAGS of requests of every length', { skip }, async () => {
  for (const name of names) {
    for (let length = 0; length <= 5; length++) {
      // As a number of keys, and as keys.
      for (const request of [['2', 'k', '1', 'k', 'l'], ['k', '2', 'k', 'l', 'm'], ['a', 'store', 'b', 'get', 'c']]) {
        const words = [...name.split('|'), ...request.slice(0, length)];
        for (const question of ['GETKEYS', 'GETKEYSANDFLAGS']) {
          const { facetdb, original } = await ask('COMMAND', question, ...words);
          assert.equal(shownReply(facetdb), shownReply(original), words.join(' '));
        }
      }
    }
  }
});

/** Without the subcommands that are refused here and the complexities that differ, and with subcommands in one order. */
function ours(reply: RespReply): RespReply {
  if (!('items' in reply) || reply.items === null) return reply;
  const kept: RespReply[] = [];
  for (const [index, item] of reply.items.entries()) {
    const previous = textOf(reply.items[index - 1]);
    const isMapOfCommands = index % 2 === 1 && (ownComplexity.has(previous) || previous === 'subcommands');
    if (previous === 'subcommands') kept.push(pairsOf(item));
    else if (isMapOfCommands) kept.push(withoutComplexity(item));
    else kept.push(isInfo(item) ? infoOf(item) : ours(item));
  }
  return { ...reply, items: kept };
}

/** Pairs of a name and its documentation. */
function pairsOf(reply: RespReply): RespReply {
  const items = itemsOf(reply);
  const pairs = items.flatMap((name, index) => (index % 2 === 0 && names.includes(textOf(name)) ? [[name, ours(items[index + 1]!)] as const] : []));
  return { type: '*', items: pairs.toSorted(([left], [right]) => textOf(left).localeCompare(textOf(right))).flat() };
}

function withoutComplexity(reply: RespReply): RespReply {
  return { type: '*', items: itemsOf(reply).filter((item, index, all) => textOf(item) !== 'complexity' && textOf(all[index - 1]) !== 'complexity') };
}

const infoLength = 10;

function isInfo(reply: RespReply): boolean {
  return itemsOf(reply).length === infoLength && names.includes(textOf(itemsOf(reply)[0]));
}

function infoOf(reply: RespReply): RespReply {
  const items = itemsOf(reply);
  const subcommands = itemsOf(items[infoLength - 1]!).filter((item) => names.includes(textOf(itemsOf(item)[0])));
  return {
    type: '*',
    items: [...items.slice(0, -1), { type: '*', items: subcommands.toSorted((left, right) => shownReply(left).localeCompare(shownReply(right))) }],
  };
}

function itemsOf(reply: RespReply): readonly RespReply[] {
  return 'items' in reply ? (reply.items ?? []) : [];
}

function textOf(reply: RespReply | undefined): string {
  return reply !== undefined && 'bytes' in reply ? String(reply.bytes) : '';
}

function listed(reply: RespReply): string[] {
  return itemsOf(reply).map((item) => textOf(item)).filter((name) => names.includes(name)).toSorted();
}

async function ask(...words: string[]): Promise<{ facetdb: RespReply; original: RespReply }> {
  assert.ok(pair);
  const [facetdb, original] = await Promise.all([pair.facetdb.call(...words), pair.original.call(...words)]);
  assert.ok(facetdb !== closed && original !== closed);
  return { facetdb, original };
}

async function connectBoth(): Promise<{ facetdb: RespClient; original: RespClient }> {
  const [facetdb, original] = await Promise.all([startFacetDB(), startOriginalRedis()]);
  const clients = { facetdb: await RespClient.connect(facetdb), original: await RespClient.connect(original.address) };
  after(async () => {
    clients.facetdb.close();
    clients.original.close();
    await original.stop();
  });
  return clients;
}

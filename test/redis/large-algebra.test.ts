// What several large sets and sorted sets make together, and parts of large sorted sets stored as others, on FacetDB (in the store, not in memory) and
// on a real Redis: the same replies, and the same contents afterwards. `FACETDB_RANDOM_SEED=8` tries others.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { seededRandom } from '../acid/torture/random.ts';
import { startFacetDB } from './support/facetdb.ts';
import { missingOriginal, startOriginalRedis } from './support/original-redis.ts';
import { RespClient, closed } from './support/resp-client.ts';
import { shownReply } from './support/resp-reply.ts';

const skip = missingOriginal();
/** More than are read whole, with many of them common. */
const sizes = [0, 3, 600, 900, 1_500, 2_500];
const scores = ['0', '-0', '1', '2.5', '-3', '1e-320', '-1e-200', '1e200', '1.7e308', '-1.7e308', 'inf', '-inf', '0.1', '1e16', '-1e16'];
const weights = ['1', '2', '-1', '0', '0.5', '1e-200', '1e200', 'inf', '-inf'];
const setKeys = sizes.map((_, index) => `set:${index}`);
const sortedSetKeys = sizes.map((_, index) => `sorted:${index}`);

/** Redis keeps -0 in large sorted sets only. */
function comparable(shown: string): string {
  return shown.replaceAll('"-0"', '"0"');
}

function difference(what: string, ours: string, theirs: string): string {
  let at = 0;
  while (at < ours.length && ours[at] === theirs[at]) at++;
  return `${what}\n  redis   ${theirs.slice(Math.max(0, at - 80), at + 80)}\n  facetdb ${ours.slice(Math.max(0, at - 80), at + 80)}`;
}

test('large sets and sorted sets', { skip }, async () => {
  const original = await startOriginalRedis();
  after(() => original.stop());
  const facetdb = await RespClient.connect(await startFacetDB());
  const redis = await RespClient.connect(original.address);
  after(() => [facetdb, redis].forEach((client) => client.close()));
  let last: readonly string[] = [];
  const same = async (words: readonly string[], isOrdered: boolean): Promise<void> => {
    const [ours, theirs] = (await Promise.all([facetdb.call(...words), redis.call(...words)])).map((reply) => (reply === closed ? 'closed' : comparable(shownReply(reply, { sorted: !isOrdered }))));
    if (words[0]!.endsWith('STORE')) last = words;
    assert.ok(ours === theirs, difference(`${last.join(' ')}\n${words.join(' ')}`.slice(0, 500), ours!, theirs!));
  };
  const { between, oneOf } = seededRandom(Number(process.env['FACETDB_RANDOM_SEED'] ?? 7));
  const below = (limit: number): number => between(0, limit - 1);
  const member = (): string => `member:${below(3_000)}`;
  const fill = async (key: string): Promise<void> => {
    const [kind, index] = key.split(':') as [string, string | undefined];
    const members = Array.from({ length: sizes[Number(index)] ?? 0 }, member);
    await same(['DEL', key], true);
    if (key === 'string') await same(['SET', key, 'value'], true);
    else if (key === 'lexical') await same(['ZADD', key, ...Array.from({ length: 2_000 }, (_, number) => ['0', `m${number}`]).flat()], true);
    else if (members.length > 0) await same(kind === 'set' ? ['SADD', key, ...members] : ['ZADD', key, ...members.flatMap((name) => [oneOf(scores), name])], true);
  };
  await same(['FLUSHALL'], true);
  for (const key of [...setKeys, ...sortedSetKeys, 'string', 'lexical']) await fill(key);

  const keys = (from: readonly string[]): string[] => Array.from({ length: 1 + below(4) }, () => (below(40) === 0 ? 'string' : oneOf(from)));
  const setCommand = (): { readonly words: string[]; readonly destination?: string } => {
    const operation = oneOf(['SUNION', 'SINTER', 'SDIFF']);
    const sources = keys(setKeys);
    if (below(5) === 0) return { words: ['SINTERCARD', `${sources.length}`, ...sources, ...(below(2) === 0 ? ['LIMIT', `${below(300)}`] : [])] };
    if (below(3) === 0) return { words: [operation, ...sources] };
    const destination = oneOf(['result', 'result', setKeys[3]!, sortedSetKeys[4]!, 'string']);
    return { words: [`${operation}STORE`, destination, ...sources], destination };
  };
  const sortedSetCommand = (): { readonly words: string[]; readonly destination?: string } => {
    const operation = oneOf(['ZUNION', 'ZINTER', 'ZDIFF']);
    const sources = keys([...sortedSetKeys, ...sortedSetKeys, ...setKeys]);
    const counted = [`${sources.length}`, ...sources];
    if (below(6) === 0) return { words: ['ZINTERCARD', ...counted, ...(below(2) === 0 ? ['LIMIT', `${below(300)}`] : [])] };
    const options = operation === 'ZDIFF' ? [] : [
      ...(below(2) === 0 ? ['WEIGHTS', ...sources.map(() => oneOf(weights))] : []),
      ...(below(2) === 0 ? ['AGGREGATE', oneOf(['SUM', 'MIN', 'MAX'])] : []),
    ];
    if (below(4) === 0) return { words: [operation, ...counted, ...options, ...(below(2) === 0 ? ['WITHSCORES'] : [])] };
    const destination = oneOf(['result', 'result', sortedSetKeys[3]!, setKeys[4]!]);
    return { words: [`${operation}STORE`, destination, ...counted, ...options], destination };
  };
  const rangeCommand = (): { readonly words: string[]; readonly destination: string } => {
    const destination = oneOf(['result', 'result', sortedSetKeys[2]!]);
    const rank = (): string => `${below(3_000) - 1_500}`;
    const reversed = below(2) === 0 ? ['REV'] : [];
    const limit = below(2) === 0 ? ['LIMIT', `${below(1_000) - 20}`, `${below(1_000) - 20}`] : [];
    switch (below(3)) {
      case 0:
        return { words: ['ZRANGESTORE', destination, oneOf(sortedSetKeys), rank(), rank(), ...reversed], destination };
      case 1:
        return { words: ['ZRANGESTORE', destination, oneOf(sortedSetKeys), oneOf(scores), `(${oneOf(scores)}`, 'BYSCORE', ...reversed, ...limit], destination };
      default:
        return { words: ['ZRANGESTORE', destination, 'lexical', ...(reversed.length > 0 ? [`[m${below(2_000)}`, '-'] : ['-', `(m${below(2_000)}`]), 'BYLEX', ...reversed, ...limit], destination };
    }
  };

  for (let round = 0; round < 200; round++) {
    const { words, destination } = oneOf([setCommand, sortedSetCommand, sortedSetCommand, rangeCommand])();
    const isOrdered = words[0]!.startsWith('Z');
    if (below(8) === 0 && (isOrdered || destination !== undefined)) {
      // Changes of the same transaction count, and two commands make collections of their own.
      for (const queued of [['MULTI'], ['SADD', 'set:4', 'new'], ['ZADD', 'sorted:4', '5', 'new'], words, words, ['EXEC']]) await same(queued, isOrdered);
    } else await same(words, isOrdered);
    if (destination === undefined) continue;
    await same(['TYPE', destination], true);
    await same(['SMEMBERS', destination], false);
    await same(['ZRANGE', destination, '0', '-1', 'WITHSCORES'], true);
    await same(['ZCARD', destination], true);
    await same(['SREM', destination, 'member:1', 'member:2'], true);
    await same(['ZREM', destination, 'member:1', 'member:2'], true);
    if (destination !== 'result') await fill(destination);
  }
});

// Sorted set commands about single members: ZADD and its options, scores, ranks, removal, random picks.

import {
  type Entry, type Scored, type Unit,
  beforeMember, compareScored, countBefore, putScore, randomDistinct, randomElement, randomWithRepeats, removeScored, scoreOf, scoresOf,
} from '../../../facets/keyvalue/index.ts';
import { floatArgument, randomCountArgument, wordOf } from '../arguments.ts';
import type { KeyCommand } from '../command.ts';
import { scanCollection } from '../element-scan.ts';
import { formatDouble } from '../numbers.ts';
import { RedisError, redisErrors } from '../redis-error.ts';
import { Double, type Reply } from '../reply.ts';
import { shapeFor, showScored } from '../scored-reply.ts';

export const zadd: KeyCommand = (context, args) => change(context, args, false);

/** ZINCRBY is ZADD with INCR, its options included. */
export const zincrby: KeyCommand = (context, args) => change(context, args, true);

type AddOptions = { readonly nx: boolean; readonly xx: boolean; readonly gt: boolean; readonly lt: boolean; readonly ch: boolean; readonly incr: boolean };

function change({ unit, space }: Parameters<KeyCommand>[0], [key, ...args]: readonly Buffer[], increment: boolean): Reply {
  const { options, rest } = addOptions(args, increment);
  const pairs = scorePairs(rest, options);
  const known = unit.findKind(space, key!, 'zset');
  if (known === undefined && options.xx) return options.incr ? null : 0;
  const entry = known ?? unit.entry(space, key!);
  const scores = known === undefined ? [] : scoresOf(unit, known, pairs.map(({ member }) => member));
  if (options.incr && pairs[0] !== undefined) checkSum(pairs[0].score, scores[0]);
  if (known === undefined) unit.createCollection(entry, 'zset');
  const done = { added: 0, updated: 0, last: undefined as number | undefined };
  for (const pair of pairs) addOne(unit, entry, pair, options, done);
  if (done.added + done.updated > 0) unit.note(space, 'z', options.incr ? 'zincr' : 'zadd', key!);
  if (options.incr) return done.last === undefined ? null : new Double(done.last);
  return options.ch ? done.added + done.updated : done.added;
}

function addOptions(args: readonly Buffer[], increment: boolean): { readonly options: AddOptions; readonly rest: readonly Buffer[] } {
  const options = { nx: false, xx: false, gt: false, lt: false, ch: false, incr: increment };
  let index = 0;
  for (; index < args.length; index++) {
    const word = wordOf(args[index]).toLowerCase();
    if (!Object.hasOwn(options, word)) break;
    options[word as keyof typeof options] = true;
  }
  return { options, rest: args.slice(index) };
}

function scorePairs(args: readonly Buffer[], { nx, xx, gt, lt, incr }: AddOptions): Scored[] {
  if (args.length === 0 || args.length % 2 !== 0) throw redisErrors.syntax;
  if (nx && xx) throw new RedisError('ERR XX and NX options at the same time are not compatible');
  if ((gt && nx) || (lt && nx) || (gt && lt)) throw new RedisError('ERR GT, LT, and/or NX options at the same time are not compatible');
  if (incr && args.length > 2) throw new RedisError('ERR INCR option supports a single increment-element pair');
  const pairs: Scored[] = [];
  for (let index = 0; index < args.length; index += 2) pairs.push({ score: floatArgument(args[index]!), member: args[index + 1]! });
  return pairs;
}

function checkSum(amount: number, score: number | undefined): void {
  if (score !== undefined && Number.isNaN(score + amount)) throw new RedisError('ERR resulting score is not a number (NaN)');
}

function addOne(unit: Unit, entry: Entry, { member, score: given }: Scored, options: AddOptions, done: { added: number; updated: number; last: number | undefined }): void {
  const before = scoreOf(unit, entry, member);
  if (before === undefined) {
    if (options.xx) return;
    putScore(unit, entry, member, given);
    done.added += 1;
    done.last = given;
    return;
  }
  if (options.nx) return;
  const score = options.incr ? before + given : given;
  if ((options.lt && score >= before) || (options.gt && score <= before)) return;
  done.last = score;
  if (score === before) return;
  putScore(unit, entry, member, score);
  done.updated += 1;
}

export const zrem: KeyCommand = ({ unit, space }, [key, ...members]) => {
  const entry = unit.findKind(space, key!, 'zset');
  if (entry === undefined) return 0;
  const found = new Map<string, Scored>();
  for (const element of unit.elementsOf(entry, members)) if (element !== undefined) found.set(element.member.toString('latin1'), element as Scored);
  removeScored(unit, entry, [...found.values()]);
  if (found.size > 0) unit.note(space, 'z', 'zrem', key!);
  if (entry.kind === undefined) unit.note(space, 'g', 'del', key!);
  return found.size;
};

export const zcard: KeyCommand = ({ unit, space }, [key]) => unit.findKind(space, key!, 'zset')?.size ?? 0;

export const zscore: KeyCommand = ({ unit, space }, [key, member]) => {
  const entry = unit.findKind(space, key!, 'zset');
  return showScore(entry === undefined ? undefined : scoreOf(unit, entry, member!));
};

export const zmscore: KeyCommand = ({ unit, space }, [key, ...members]) => {
  const entry = unit.findKind(space, key!, 'zset');
  return entry === undefined ? members.map(() => null) : scoresOf(unit, entry, members).map(showScore);
};

function showScore(score: number | undefined): Reply {
  return score === undefined ? null : new Double(score);
}

export const zrank: KeyCommand = ({ unit, space }, [key, member]) => {
  const entry = unit.findKind(space, key!, 'zset');
  return entry === undefined ? null : rankOf(unit, entry, member!) ?? null;
};

export const zrevrank: KeyCommand = ({ unit, space }, [key, member]) => {
  const entry = unit.findKind(space, key!, 'zset');
  const rank = entry === undefined ? undefined : rankOf(unit, entry, member!);
  return rank === undefined ? null : entry!.size - 1 - rank;
};

function rankOf(unit: Unit, entry: Entry, member: Buffer): number | undefined {
  const score = scoreOf(unit, entry, member);
  return score === undefined ? undefined : countBefore(unit, entry, beforeMember(score, member));
}

const largestCountWithScores = 2 ** 62;

export const zrandmember: KeyCommand = ({ unit, space, connection }, args) => {
  const [key, countText, option] = args;
  const count = countText === undefined ? undefined : randomCountArgument(countText);
  if (args.length > 3 || (option !== undefined && wordOf(option) !== 'WITHSCORES')) throw redisErrors.syntax;
  if (option !== undefined && count! >= largestCountWithScores) throw new RedisError('ERR value is out of range');
  const entry = unit.findKind(space, key!, 'zset');
  if (entry === undefined) return count === undefined ? null : [];
  if (count === undefined) return randomElement(unit, entry).member;
  const picked = count < 0 ? randomWithRepeats(unit, entry, -count) : randomDistinct(unit, entry, count);
  return showScored(picked as readonly Scored[], shapeFor(connection, option !== undefined));
};

export const zscan: KeyCommand = (context, args) =>
  scanCollection(
    context, 'zset', args,
    ({ member, score }) => [member, showScannedScore(score!)],
    (left, right) => compareScored(left as Scored, right as Scored),
  );

/** Here whole numbers are shown in full, as Redis has them in small sets. */
function showScannedScore(score: number): string {
  return Number.isInteger(score) && Math.abs(score) < 2 ** 62 ? BigInt(score).toString() : formatDouble(score);
}

// LCS: the longest common subsequence of two strings and where its pieces are, by Redis's own walk through the table
// (which of several equally long ones is found is part of the reply).

import { integerArgument, wordOf } from './arguments.ts';
import { RedisError, redisErrors } from './redis-error.ts';
import { Pairs, type Reply } from './reply.ts';

type LcsOptions = { readonly wants: 'text' | 'length' | 'matches'; readonly minimalLength: number; readonly showsLengths: boolean };

/** The reply of LCS. `options` are the words after the keys; `memoryBytes` bounds the table. */
export function longestCommonSubsequence(
  left: Buffer,
  right: Buffer,
  { options: words, memoryBytes }: { readonly options: readonly Buffer[]; readonly memoryBytes: number },
): Reply {
  const options = parseOptions(words);
  if ((left.length + 1) * (right.length + 1) * Uint32Array.BYTES_PER_ELEMENT > memoryBytes) {
    throw new RedisError('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len');
  }
  const table = lengthTable(left, right);
  const length = table.at(left.length, right.length);
  if (options.wants === 'length') return length;
  if (options.wants === 'text') return textOf(left, right, table, length);
  return new Pairs([['matches', matchesOf(left, right, table, options)], ['len', length]]);
}

function parseOptions(words: readonly Buffer[]): LcsOptions {
  let wantsLength = false;
  let wantsMatches = false;
  let showsLengths = false;
  let minimalLength = 0;
  for (let index = 0; index < words.length; index++) {
    const word = wordOf(words[index]);
    if (word === 'IDX') wantsMatches = true;
    else if (word === 'LEN') wantsLength = true;
    else if (word === 'WITHMATCHLEN') showsLengths = true;
    else if (word === 'MINMATCHLEN' && index + 1 < words.length) minimalLength = Math.max(0, integerArgument(words[++index]!));
    else throw redisErrors.syntax;
  }
  if (wantsMatches && wantsLength) throw new RedisError('ERR If you want both the length and indexes, please just use IDX.');
  return { wants: wantsMatches ? 'matches' : wantsLength ? 'length' : 'text', minimalLength, showsLengths };
}

/** The length of the longest common subsequence of the first `i` and `j` bytes, for all of them. */
type LengthTable = { at(i: number, j: number): number };

function lengthTable(left: Buffer, right: Buffer): LengthTable {
  const width = right.length + 1;
  const lengths = new Uint32Array((left.length + 1) * width);
  for (let i = 1; i <= left.length; i++) {
    const row = i * width;
    const above = row - width;
    for (let j = 1; j <= right.length; j++) {
      lengths[row + j] = left[i - 1] === right[j - 1] ? lengths[above + j - 1]! + 1 : Math.max(lengths[above + j]!, lengths[row + j - 1]!);
    }
  }
  return { at: (i, j) => lengths[i * width + j]! };
}

/** From the ends to the beginnings: the next pair of equal bytes that belongs to the subsequence. */
function* pairsFromEnd(left: Buffer, right: Buffer, table: LengthTable): Generator<{ i: number; j: number }> {
  let i = left.length;
  let j = right.length;
  while (i > 0 && j > 0) {
    if (left[i - 1] === right[j - 1]) yield { i: --i, j: --j };
    else if (table.at(i - 1, j) > table.at(i, j - 1)) i -= 1;
    else j -= 1;
  }
}

function textOf(left: Buffer, right: Buffer, table: LengthTable, length: number): Buffer {
  const text = Buffer.alloc(length);
  let end = length;
  for (const { i } of pairsFromEnd(left, right, table)) text[--end] = left[i]!;
  return text;
}

/** Runs that are without a gap in both strings, the last first. */
function matchesOf(left: Buffer, right: Buffer, table: LengthTable, { minimalLength, showsLengths }: LcsOptions): Reply[] {
  const runs: { i: number; j: number; length: number }[] = [];
  for (const { i, j } of pairsFromEnd(left, right, table)) {
    const run = runs.at(-1);
    if (run !== undefined && run.i === i + 1 && run.j === j + 1) {
      run.i = i;
      run.j = j;
      run.length += 1;
    } else runs.push({ i, j, length: 1 });
  }
  return runs
    .filter(({ length }) => length >= minimalLength)
    .map(({ i, j, length }) => [[i, i + length - 1], [j, j + length - 1], ...(showsLengths ? [length] : [])]);
}

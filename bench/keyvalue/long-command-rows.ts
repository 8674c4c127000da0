// Commands that take long: on collections of very many elements, on very long values, or with very many arguments.

/**
 * `#` is the number of elements, `%` half of it. Words that stand for more: `<long>` for a value of 100 MB, `<members>`, `<scores>`, `<fields>` and `<keys>` for as
 * many arguments as there are elements, `<payload>` for what DUMP gives of the hash. `before` is called first, and not measured.
 */
export type LongCommand = { readonly command: string; readonly before: readonly string[] };

function row(command: string, ...before: readonly string[]): LongCommand {
  return { command, before };
}

export const longCommands: readonly LongCommand[] = [
  row('LRANGE list 0 -1'), row('HGETALL hash'), row('SMEMBERS set'), row('ZRANGE scores 0 -1 WITHSCORES'), row('SINTER set set2'), row('SRANDMEMBER set %'), row('SORT list ALPHA'), row('SORT set BY nosort GET other:*'),
  row('LREM copied 0 even', 'COPY list copied REPLACE'), row('LREM copied -1 absent'), row('LTRIM copied % -1', 'COPY list copied REPLACE'), row('LPOP copied %', 'COPY list copied REPLACE'), row('LPOS list absent'), row('LINSERT list BEFORE absent x'),
  row('SORT list ALPHA STORE sorted'), row('SUNIONSTORE result set set2'), row('SINTERSTORE result set set2'), row('SDIFFSTORE result set few'), row('SPOP result %'),
  row('ZUNIONSTORE ranked 2 scores scores2'), row('ZINTERSTORE ranked 2 scores scores2'), row('ZRANGESTORE ranked scores 0 -1'), row('ZREMRANGEBYRANK ranked 0 %'),
  row('COPY hash copied REPLACE'), row('RENAME copied renamed'), row('DEL renamed'), row('UNLINK result'), row('DUMP hash'), row('RESTORE restored 0 <payload> REPLACE'),
  row('SADD wide <members>'), row('SREM wide <members>'), row('ZADD ranks <scores>'), row('HSET record <fields>'), row('RPUSH items <members>'), row('MSET <fields>'), row('MGET <keys>'), row('DEL <keys>'),
  row('SET string <long>'), row('GET string'), row('APPEND string <long>'), row('SETRANGE string 1000 <long>'), row('GETRANGE string 0 -1'), row('BITCOUNT string'), row('BITOP AND crossed string string2', 'SET string2 <long>'), row('COPY string copied REPLACE'), row('DEL string'),
  row('MGET part:0 part:1 part:2 part:3 part:4 part:5 part:6 part:7 part:8 part:9'),
  row('KEYS *'), row('KEYS *absent*'), row('SWAPDB 3 4'), row('FLUSHDB'),
];

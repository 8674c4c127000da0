// The commands whose cost must not grow: those that touch one key, or one element of a collection.

/**
 * `#` is a random number below the count of what there is, the same one everywhere in a row; `@` one that never comes again; `$` the
 * number of the tenth last item. `before` is called each time before the command, and not measured: it puts back what was taken
 * out, so that a collection of a hundred stays one.
 */
export type GrowthCommand = { readonly command: string; readonly before: readonly string[] };

function row(command: string, ...before: readonly string[]): GrowthCommand {
  return { command, before };
}

export const commandsOnKeys: readonly GrowthCommand[] = [
  row('GET key:#'), row('MGET key:# key:1 key:2'), row('STRLEN key:#'), row('GETRANGE key:# 0 3'), row('EXISTS key:#'), row('TTL key:#'), row('TYPE key:#'), row('OBJECT ENCODING key:#'), row('DUMP key:#'),
  row('SET key:# value'), row('SET key:# value EX 1000'), row('SET new:@ value'), row('SETNX key:# value'), row('GETSET key:# value'), row('MSET key:# value key:1 value'), row('APPEND key:# x'), row('SETRANGE key:# 1 x'), row('INCR counter'),
  row('GETDEL key:#', 'SET key:# value'), row('EXPIRE key:# 1000'), row('PERSIST key:#', 'EXPIRE key:# 1000'), row('DEL key:#', 'SET key:# value'), row('UNLINK key:#', 'SET key:# value'),
  row('RENAME key:# renamed', 'SET key:# value'), row('RENAMENX key:# fresh:@', 'SET key:# value'), row('COPY key:# copied REPLACE'), row('MOVE key:# 5', 'SET key:# value'),
  row('RPUSH list:# x'), row('HSET hash:# f v'), row('SADD set:# m'), row('ZADD scores:# 1 m'),
  row('DBSIZE'), row('RANDOMKEY'), row('SCAN 0 COUNT 10'), row('SCAN 2251799813685248 COUNT 10'), row('KEYS prefix:#:*', 'SET prefix:#:1 value'),
];

export const commandsOnElements: readonly GrowthCommand[] = [
  row('HGET hash f:#'), row('HMGET hash f:# f:1 f:2'), row('HEXISTS hash f:#'), row('HSTRLEN hash f:#'), row('HLEN hash'), row('HSET hash f:# value'), row('HSET hash new:@ value', 'HDEL hash new:@'), row('HINCRBY hash counter 1'),
  row('HDEL hash gone:@', 'HSET hash gone:@ value'), row('HRANDFIELD hash'), row('HRANDFIELD hash 10 WITHVALUES'), row('HSCAN hash 0 COUNT 10'),

  row('SISMEMBER set m:#'), row('SMISMEMBER set m:# m:1 m:2'), row('SCARD set'), row('SADD set m:#'), row('SADD set new:@', 'SPOP set'), row('SREM set gone:@', 'SADD set gone:@'), row('SMOVE set set2 gone:@', 'SADD set gone:@'),
  row('SPOP set', 'SADD set new:@'), row('SPOP set 3', 'SADD set new:@a new:@b new:@c'), row('SRANDMEMBER set'), row('SRANDMEMBER set 10'), row('SRANDMEMBER set -10'), row('SSCAN set 0 COUNT 10'), row('SINTERCARD 2 set few'), row('SINTER set few'),

  row('ZSCORE scores m:#'), row('ZCARD scores'), row('ZADD scores # m:#'), row('ZADD scores # new:@', 'ZPOPMIN scores'), row('ZINCRBY scores 1 m:#'), row('ZREM scores gone:@', 'ZADD scores # gone:@'),
  row('ZRANK scores m:#'), row('ZREVRANK scores m:#'), row('ZCOUNT scores 10 50'), row('ZCOUNT scores # (#'), row('ZCOUNT scores # +inf'), row('ZLEXCOUNT lex [m:# [m:#'),
  row('ZRANGE scores 0 9'), row('ZRANGE scores # #'), row('ZRANGE scores -10 -1'), row('ZREVRANGE scores # #'), row('ZRANGE scores # +inf BYSCORE LIMIT 0 10'), row('ZRANGE scores +inf # BYSCORE REV LIMIT 0 10'),
  row('ZRANGE lex - + BYLEX LIMIT 0 10'), row('ZRANGE lex [m:# + BYLEX LIMIT 0 10'), row('ZRANGE lex + - BYLEX REV LIMIT 0 10'),
  row('ZREMRANGEBYRANK scores # #', 'ZADD scores # new:@'), row('ZREMRANGEBYSCORE scores #.5 #.5', 'ZADD scores #.5 gone:@'), row('ZREMRANGEBYLEX lex [m:#- [m:#-', 'ZADD lex 0 m:#-'),
  row('ZPOPMIN scores', 'ZADD scores -1 new:@'), row('ZPOPMAX scores', 'ZADD scores 9000000 new:@'), row('ZRANDMEMBER scores'), row('ZRANDMEMBER scores 10'), row('ZSCAN scores 0 COUNT 10'),

  row('LLEN list'), row('LINDEX list 0'), row('LINDEX list #'), row('LINDEX list -1'), row('LRANGE list 0 9'), row('LRANGE list # #'), row('LRANGE list -10 -1'), row('LSET list # value'),
  row('LPUSH list x', 'LPOP list'), row('RPUSH list x', 'RPOP list'), row('LPOP list', 'LPUSH list x'), row('RPOP list', 'RPUSH list x'), row('LMOVE list list LEFT RIGHT'), row('LTRIM list 1 -2', 'LPUSH list x', 'RPUSH list x'),
  row('LPOS ends item:9'), row('LPOS ends item:$ RANK -1'), row('LINSERT ends AFTER item:9 x', 'LREM ends 1 x'), row('LREM ends 1 x', 'LINSERT ends AFTER item:9 x'), row('LREM ends -1 y', 'RPUSH ends y'),
  row('RENAME list renamed', 'RENAME renamed list'), row('TYPE scores'), row('EXPIRE hash 100000'), row('PERSIST hash', 'EXPIRE hash 100000'),
];

/** They look for an item from an end on (LINSERT from the left one), here and in Redis: the further it is from there, the more they cost. */
export const searchesInLists: readonly GrowthCommand[] = [row('LPOS ends item:#'), row('LINSERT ends AFTER item:# x', 'LREM ends 1 x'), row('LREM ends 1 item:#', 'RPUSH ends item:#')];

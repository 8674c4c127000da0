// What the parts of the benchmark of keys and values are given.

import type { RedisAddress } from '../../test/redis/support/resp-client.ts';
import type { Server } from '../../test/support/server.ts';

export type Contenders = {
  readonly server: Server;
  readonly facetdb: RedisAddress;
  readonly original: RedisAddress;
  /** `CONFIG SET` on both. */
  readonly configure: (name: string, value: string) => Promise<void>;
};

export type KeyvalueBenchmark = Contenders & {
  readonly rounds: number;
  /** Of one run of redis-benchmark. */
  readonly requests: number;
  /** Of the large database, and in each large collection, of the part `growth`. */
  readonly keys: number;
  readonly elements: number;
};

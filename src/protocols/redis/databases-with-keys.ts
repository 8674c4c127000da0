// What the store tells of the databases that hold keys, for INFO and MEMORY STATS.

import { type SpaceStatistics, spaceStatistics } from '../../facets/keyvalue/index.ts';
import type { RedisConnection } from './connection.ts';

/** As the connection's role may know it. */
export function databasesWithKeys({ store, space }: RedisConnection): Promise<readonly SpaceStatistics[]> {
  return new Promise((resolve, reject) => {
    store!.submit(store!.origin(), 'read', { space, keys: 'all', rowsOnly: false, run: (unit) => spaceStatistics(unit) }, (error, reply) => {
      if (error === undefined && !(reply instanceof Error)) resolve(reply as readonly SpaceStatistics[]);
      else reject(error ?? (reply as Error));
    });
  });
}

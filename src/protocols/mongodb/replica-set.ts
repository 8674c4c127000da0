// The replica set that FacetDB introduces itself as, so that drivers allow sessions, transactions and retryable writes: of
// one member.

import type { MongodbServer } from './server.ts';

export const setName = 'facetdb';

/** Under which clients reach the member. */
export function memberAddress({ options, port }: MongodbServer): string {
  return `${options.host}:${port}`;
}

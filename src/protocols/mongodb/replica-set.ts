// The replica set that FacetDB introduces itself as, so that drivers allow sessions, transactions and retryable writes: of
// one member.

import { int32, ObjectId, type Value } from '../../values/bson/types.ts';
import type { MongodbServer } from './server.ts';

export const setName = 'facetdb';

/** Under which clients reach the member. */
export function memberAddress({ options, port }: MongodbServer): string {
  return `${options.host}:${port}`;
}

/** Of the set and its member, as hello and serverStatus tell them. Nothing about them ever changes. */
export function memberFields(server: MongodbServer): [string, Value][] {
  const address = memberAddress(server);
  return [
    ['topologyVersion', new Map<string, Value>([['processId', new ObjectId(server.processId)], ['counter', 0n]])],
    ['hosts', [address]], ['setName', setName], ['setVersion', int32(1)], ['secondary', false], ['primary', address], ['me', address],
  ];
}

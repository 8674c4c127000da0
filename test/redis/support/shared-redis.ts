// The shared server's Redis port, for tests that use a few keys of their own and disturb nobody.

import { randomBytes } from 'node:crypto';
import { sharedServer } from '../../support/shared-server.ts';

/**
 * With user and password. FACETDB_TEST_REDIS_URL names another server instead, a real Redis too: a test that fails there is
 * a wrong test.
 */
export async function sharedRedisUrl(): Promise<string> {
  return process.env['FACETDB_TEST_REDIS_URL'] ?? (await sharedServer()).redis;
}

/** Names keys that no other test uses: `key('a')` is `test:topic:5f0c…:a`. */
export function keyMaker(topic: string): (name: string) => string {
  const prefix = `test:${topic}:${randomBytes(6).toString('hex')}`;
  return (name) => `${prefix}:${name}`;
}

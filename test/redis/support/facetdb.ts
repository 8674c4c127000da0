// A FacetDB of a test file's own that anyone may use without a password, as a plain redis-server is:
// tests that empty every database, or change the server's configuration, would disturb others on the shared one.

import { after } from 'node:test';
import { startServer } from '../../support/server.ts';
import { type RedisAddress, addressOf } from './resp-client.ts';

/**
 * Starts it, and stops it after the file's tests. A server that runs already may be named by FACETDB_TEST_REDIS_URL; what is
 * in it is lost.
 */
export async function startFacetDB(): Promise<RedisAddress> {
  const { FACETDB_TEST_REDIS_URL: running } = process.env;
  if (running !== undefined) return addressOf(running);
  const server = await startServer({ args: ['--no-auth'] });
  after(() => server.stop());
  return addressOf(server.urls.redis);
}

// A FacetDB of a test file's own, in this process, that anyone may use without a password, as a plain redis-server is:
// tests that empty every database, or change the server's configuration, would disturb others on the shared one.

import { join } from 'node:path';
import { after } from 'node:test';
import { start } from '../../../src/index.ts';
import { freePorts } from '../../support/ports.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { type RedisAddress, addressOf } from './resp-client.ts';

/**
 * Starts it, and stops it after the file's tests. A server that runs already may be named by FACETDB_TEST_REDIS_URL; what is
 * in it is lost.
 */
export async function startFacetDB(): Promise<RedisAddress> {
  const { FACETDB_TEST_REDIS_URL: running } = process.env;
  if (running !== undefined) return addressOf(running);
  const server = await start({ data: join(temporaryFolder(), 'data'), noAuth: true, ...freePorts });
  after(() => server.stop());
  return addressOf(server.urls['redis']!);
}

// The server that the test files of one run share: the one that tools/run-tests.ts started, or any PostgreSQL named by
// FACETDB_TEST_POSTGRES_URL (a test that fails there is a wrong test), or one of its own for a file that is run alone.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ServerUrls, startServer } from './server.ts';

const waitTimeoutMs = 60_000;
const pollIntervalMs = 20;

/** What tools/run-tests.ts writes, whole, to the file named by FACETDB_TEST_SERVER_FILE. */
export type SharedServerFile = { readonly urls: ServerUrls } | { readonly error: string };

let own: Promise<ServerUrls> | undefined;

/** The shared server's URLs, with the administrator's password. Waits until it is ready. */
export async function sharedServer(): Promise<ServerUrls> {
  const { FACETDB_TEST_POSTGRES_URL: postgres, FACETDB_TEST_SERVER_FILE: file } = process.env;
  if (postgres !== undefined) return { postgres, http: '', redis: '', mongodb: '' };
  if (file !== undefined) return await waitForFile(file);
  own ??= startOwn();
  return await own;
}

async function waitForFile(file: string): Promise<ServerUrls> {
  const deadline = performance.now() + waitTimeoutMs;
  while (performance.now() < deadline) {
    const content = readIfThere(file);
    if (content !== undefined && 'urls' in content) return content.urls;
    if (content !== undefined) throw new Error(content.error);
    await sleep(pollIntervalMs);
  }
  throw new Error(`the shared server was not ready within ${waitTimeoutMs} ms`);
}

function readIfThere(file: string): SharedServerFile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SharedServerFile;
  } catch {
    return undefined;
  }
}

async function startOwn(): Promise<ServerUrls> {
  const server = await startServer();
  // No `after` hook would come late enough: files drop their databases in theirs. It ends with the process.
  server.unref();
  return server.urls;
}

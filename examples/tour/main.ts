// npm run demo [-- --url postgres://… [--redis-url redis://…] [--mongodb-url mongodb://…] [--relay-url postgres://…]]: a tour of FacetDB on public data, a chapter a data model,
// and one over all of them. Starts a server of its own
// in a temporary folder unless a URL is given, prints each statement with its answer, and takes away all that it made.
// Exit code 0 after the whole tour, 1 when something failed, 130 after Ctrl-C.

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/kernel/errors.ts';
import { start } from '../../src/index.ts';
import { across } from './across.ts';
import type { Chapter } from './chapter.ts';
import { documents } from './documents.ts';
import { keyvalue } from './keyvalue.ts';
import { relational } from './relational.ts';
import { Screen } from './screen.ts';

/** In the order of the tour. */
const chapters: readonly Chapter[] = [relational, keyvalue, documents, across];

type Place = { readonly urls: Readonly<Record<string, string>>; readonly leave: () => Promise<void> };

const screen = new Screen(process.stdout);
const stopped = new AbortController();
process.once('SIGINT', () => stopped.abort());

try {
  const { values } = parseArgs({ options: { url: { type: 'string' }, 'redis-url': { type: 'string' }, 'mongodb-url': { type: 'string' }, 'relay-url': { type: 'string' } } });
  await tour(values.url, { redis: values['redis-url'], mongodb: values['mongodb-url'], postgresRelay: values['relay-url'] });
} catch (error) {
  screen.failure(`The tour ended early: ${stopped.signal.aborted ? 'stopped by Ctrl-C' : messageOf(error)}`);
  process.exitCode = stopped.signal.aborted ? 130 : 1;
}

async function tour(url: string | undefined, others: Readonly<Record<string, string | undefined>>): Promise<void> {
  const place = url === undefined ? await ownServer() : { urls: given({ postgres: url, ...others }), leave: () => Promise.resolve() };
  try {
    for (const chapter of chapters) {
      screen.title(chapter.title);
      await chapter.run({ urls: place.urls, screen, signal: stopped.signal });
    }
    screen.title('That was the tour. Everything it made is gone again.');
  } finally {
    await place.leave();
  }
}

/** The URLs that there are. */
function given(urls: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(urls).flatMap(([protocol, url]) => (url === undefined ? [] : [[protocol, url]])));
}

/** A server in this very process, as any program can embed it. */
async function ownServer(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'facetdb-tour-'));
  // Root's PostgreSQL runs as another user, who has to get through.
  await chmod(folder, 0o711);
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const server = await screen.progress('Starting a server of its own', () => start({ data: join(folder, 'data'), postgresPort: 0, postgresRelayPort: 0, httpPort: 0, redisPort: 0, mongodbPort: 0 }));
    const leave = async () => {
      await server.stop();
      await remove();
    };
    return { urls: server.urls, leave };
  } catch (error) {
    await remove();
    throw error;
  }
}

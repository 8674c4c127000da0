// Every command of docs/http.md, run as it stands there.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { HttpClient } from '../support/http-client.ts';
import { sharedServer } from '../support/shared-server.ts';

const page = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8');
const run = promisify(execFile);

after(async () => {
  const http = await HttpClient.open();
  await http.sql('drop table if exists films');
  for (const collection of ['movies', 'log']) await http.ask('POST', '/commands/documents/shop', { drop: collection });
  await http.ask('POST', '/commands/keys/0', ['DEL', 'user:1', 'greeting', 'visits', 'films']);
});

test('the commands of the page do what it says', async () => {
  const { http, postgres } = await sharedServer();
  const { username, password } = new URL(postgres);
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block!).filter((block) => !block.startsWith('export'));
  assert.ok(blocks.length >= 9);
  // A reply that tells of an error ends the script.
  const script = ['set -euo pipefail', 'curl() { command curl -sS --fail-with-body "$@"; echo; }', ...blocks].join('\n');
  const { stdout } = await run('bash', ['-c', script], { env: { ...process.env, URL: http, AUTH: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` } });
  for (const part of ['"next":42', '"title":"Stalker"', '{"inserted":2}', '"type":"hash"', '\nhello\n', '{"reply":1}', '{"results":[']) assert.ok(stdout.includes(part), `${part} in\n${stdout}`);
  const [first, again] = stdout.split('\n').filter((line) => line.includes('"Once"'));
  assert.equal(first, again);
});

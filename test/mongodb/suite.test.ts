// The drivers' unified tests beside this checkout, where they are: their own runner judges, and what fails is only what
// suite-failures.ts gives a reason for. All of them take minutes (`npm run suites`), so that by default a sample runs.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Server, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { expectedFailures } from './suite-failures.ts';

const suites = process.env['FACETDB_SUITES'] ?? fileURLToPath(new URL('../../../shared/suites/', import.meta.url));
const [runner, cases] = [join(suites, 'runners/mongodb-unified.mjs'), join(suites, 'mongodb-unified/cases')];
const isThere = existsSync(runner) && existsSync(cases) && existsSync(join(suites, 'runners/node_modules'));
const skip = isThere ? false : 'the suite is not beside this checkout, or its runner is not installed';
const isWhole = process.env['FACETDB_SUITES_WHOLE'] === '1';
const sample = '^(sessions|run-command|versioned-api)/|crud/unified/(find|bulkWrite|aggregate)';

type SuiteCase = { readonly name: string; readonly status: 'passed' | 'failed' | 'skipped'; readonly reason: string };

let server: Server | undefined;
after(async () => server?.stop());

test('the drivers’ unified tests pass, but for what is listed', { skip }, async () => {
  server = await startServer({ args: ['--test-commands', '--no-auth'] });
  const results = await runSuite(server.urls.mongodb);
  const failed = results.filter(({ status }) => status === 'failed');
  const unexpected = failed.filter(({ name }) => !expectedFailures.some((expected) => expected.name.test(name)));
  assert.deepEqual(unexpected.map(({ name, reason }) => `${name}: ${reason}`), [], 'cases that should pass');
  if (isWhole) {
    const idle = expectedFailures.filter((expected) => !failed.some(({ name }) => expected.name.test(name)));
    assert.deepEqual(idle, [], 'reasons that nothing fails for any more: take them off the list');
  }
  assert.ok(results.some(({ status }) => status === 'passed'));
});

async function runSuite(url: string): Promise<SuiteCase[]> {
  const resultFile = join(temporaryFolder(), 'results.json');
  const args = [runner, url, cases, '--json', resultFile, ...(isWhole ? [] : ['--filter', sample])];
  const output = await new Promise<string>((resolve) => {
    // It ends with status 1 when a case fails: the results tell more.
    execFile(process.execPath, args, { maxBuffer: 64 * 1_024 * 1_024 }, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
  assert.ok(existsSync(resultFile), output);
  return JSON.parse(readFileSync(resultFile, 'utf8')) as SuiteCase[];
}

// The public compatibility suite beside this checkout, where it is: its own runner judges, and what fails is exactly what
// suite-failures.ts gives a reason for. Its data stays where it is.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { expectedSuiteFailures } from './suite-failures.ts';
import { startFacetDB } from './support/facetdb.ts';
import type { RedisAddress } from './support/resp-client.ts';

const suites = fileURLToPath(new URL('../../../shared/suites/', import.meta.url));
const [runner, cases] = [join(suites, 'runners/redis-cts.mjs'), join(suites, 'redis-cts/cts.json')];
const skip = existsSync(runner) && existsSync(cases) ? false : 'the suite is not beside this checkout';
const newestVersion = '7.0.15';

type SuiteCase = { readonly name: string; readonly status: 'passed' | 'failed' | 'skipped'; readonly reason: string };

test('the public suite passes, but for what is listed', { skip }, async () => {
  const results = await runSuite(await startFacetDB());
  const failed = results.filter(({ status }) => status === 'failed');
  const unexpected = failed.filter(({ name }) => !expectedSuiteFailures.has(name)).map(({ name, reason }) => `${name}: ${reason}`);
  assert.deepEqual(unexpected, [], 'cases that should pass');
  const failedNames = new Set(failed.map(({ name }) => name));
  const passing = [...expectedSuiteFailures.keys()].filter((name) => !failedNames.has(name));
  assert.deepEqual(passing, [], 'cases that pass by now: take them off the list');
  assert.ok(results.some(({ status }) => status === 'passed'));
});

async function runSuite({ host, port }: RedisAddress): Promise<SuiteCase[]> {
  const resultFile = join(temporaryFolder(), 'results.json');
  const args = [runner, host, `${port}`, cases, '--since-max', newestVersion, '--json', resultFile];
  const output = await new Promise<string>((resolve) => {
    // It ends with status 1 when a case fails: the results tell more.
    execFile(process.execPath, args, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
  assert.ok(existsSync(resultFile), output);
  return JSON.parse(readFileSync(resultFile, 'utf8')) as SuiteCase[];
}

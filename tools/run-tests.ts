// npm test [-- FILE…]: runs the tests of src/ and test/ (or the files given) with Node's test runner, whose summary ends the
// output. One FacetDB serves the whole run; it starts beside the tests that do not need it (test/support/shared-server.ts).
// The tests of src/ share a process: most take milliseconds, and a process for each took half a second more.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { copyDataFolder } from '../test/support/new-data-folder.ts';
import { killIfAlive, processTable } from '../test/support/postgres-processes.ts';
import { type Server, startServer } from '../test/support/server.ts';
import type { SharedServerFile } from '../test/support/shared-server.ts';
import { temporaryFolder } from '../test/support/temporary-folder.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
// Ends what hangs; on an overloaded machine the rounds of test/acid/durability.test.ts alone may take two minutes.
const fileTimeoutMs = 300_000;

const given = process.argv.slice(2).map((file) => relative(root, resolve(file)));
// Everything that tests leave behind, files and processes, carries this folder's name.
const folder = temporaryFolder();
const files = given.length > 0 ? given : [sourceTests(), ...testFiles('test')];
const serverFile = join(folder, 'shared-server.json');
const preparedFolder = join(folder, 'prepared');

const server = files.some((file) => file.startsWith('test')) ? startShared() : undefined;
process.exitCode = await runTests();
await (await server)?.stop();
killLeftOvers();

function testFiles(directory: string): string[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.split(sep).includes('node_modules'))
    .map((file) => join(directory, file))
    .toSorted();
}

/** One file that is all of those beside the sources. */
function sourceTests(): string {
  const file = join(folder, 'sources.test.mjs');
  writeFileSync(file, testFiles('src').map((test) => `import '${pathToFileURL(join(root, test)).href}';\n`).join(''));
  return file;
}

async function startShared(): Promise<Server | undefined> {
  try {
    const dataDir = join(folder, 'shared');
    // For a few files it is not worth its while.
    if (given.length === 0) {
      await prepareDataFolder();
      copyDataFolder(preparedFolder, dataDir);
    }
    const started = await startServer({ dataDir });
    announce({ urls: started.urls });
    return started;
  } catch (error) {
    announce({ error: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

/** From then on new servers start on a copy of it (test/support/new-data-folder.ts). */
async function prepareDataFolder(): Promise<void> {
  const server = await startServer({ dataDir: `${preparedFolder}.new` });
  await server.stop();
  renameSync(`${preparedFolder}.new`, preparedFolder);
}

/** Whole or not at all: test files look for it while it is written. */
function announce(content: SharedServerFile): void {
  writeFileSync(`${serverFile}.new`, JSON.stringify(content), { mode: 0o600 });
  renameSync(`${serverFile}.new`, serverFile);
}

async function runTests(): Promise<number> {
  // More at once would gain nothing: two files at once keep two processors busy for 94 % of the time.
  const options = [`--test-concurrency=${availableParallelism()}`, `--test-timeout=${fileTimeoutMs}`];
  const runner = spawn(process.execPath, ['--import', 'tsx', '--test', ...options, ...files], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TMPDIR: folder, FACETDB_TEST_SERVER_FILE: serverFile, FACETDB_TEST_PREPARED_FOLDER: preparedFolder },
  });
  const [code] = (await once(runner, 'exit')) as [number | null];
  return code ?? 1;
}

/** A test file that reached its time limit was ended without a chance to stop what it had started. */
function killLeftOvers(): void {
  for (const { pid, command } of processTable()) if (command.includes(folder) && pid !== process.pid) killIfAlive(pid);
}

// The package as `npm pack` makes it, in an empty project: its command, and the store embedded in JavaScript and in TypeScript. The
// packages it depends on are linked to those installed here, and no others, so that nothing leans on what only developers have.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { linkPackages, root, writePackageJson } from './docs/support/project-folder.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const run = promisify(execFile);
const project = join(temporaryFolder(), 'project');
const installed = join(project, 'node_modules/facetdb');
let packed: readonly string[] = [];

const program = `
import { open } from 'facetdb';

const db = await open({ data: './data' });
await db.sql\`create table orders (id int primary key, item text)\`;
await db.transaction(async (tx) => {
  await tx.sql\`insert into orders values (\${1}, \${'lamp'})\`;
  await tx.collection('shop.audit').insertOne({ order: 1 });
  await tx.keyvalue.rpush('orders:new', 1);
});
console.log(JSON.stringify([await db.sql\`select * from orders\`, await db.collection('shop.audit').countDocuments(), await db.keyvalue.lrange('orders:new')]));
await db.close();
`;

const typedProgram = `
import { connect, type Database, DocumentWriteError, FacetError, isFacetError, ObjectId, open, type RunningServer, start } from 'facetdb';

type Movie = { title: string; year: number };

export async function oldest(db: Database): Promise<string | undefined> {
  const movies = db.collection<Movie>('shop.movies');
  const { insertedId } = await movies.insertOne({ title: 'Stalker', year: 1979 });
  const id: ObjectId = insertedId;
  const found = await movies.findOne({ _id: id });
  const [row] = await db.sql<{ n: number }>\`select \${1}::int as n\`;
  const total: number = (row?.n ?? 0) + (await db.keyvalue.incr('count'));
  // @ts-expect-error -- a year is a number
  await movies.insertOne({ title: 'Solaris', year: 'x' });
  return total > 0 ? found?.title : undefined;
}

export async function main(): Promise<void> {
  await using db = await open({ data: './data' });
  await using elsewhere = await connect('http://127.0.0.1:8080', { user: 'facet', password: 'x' });
  const server: RunningServer = await start({ postgresPort: 0 });
  await server.stop();
  try {
    await db.transaction({ isolation: 'serializable', retries: 2 }, async (tx) => void (await tx.share()));
    await oldest(elsewhere);
  } catch (error) {
    if (error instanceof DocumentWriteError) console.log(error.writeErrors.length);
    if (isFacetError(error, 'unique_violation')) console.log(error.postgres?.constraint);
    if (!(error instanceof FacetError)) throw error;
  }
}
`;

before(async () => {
  mkdirSync(installed, { recursive: true });
  // Built by `npm test` already.
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], { cwd: root });
  const [made] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  packed = made.files.map(({ path }) => path);
  await run('tar', ['xzf', join(project, made.filename), '--strip-components=1', '-C', installed]);
  linkPackages(project, isDependency);
  // What npm does with "bin".
  mkdirSync(join(project, 'node_modules/.bin'));
  symlinkSync('../facetdb/dist/main.js', join(project, 'node_modules/.bin/facetdb'));
  chmodSync(join(installed, 'dist/main.js'), 0o755);
  writePackageJson(project);
});

type Lock = { readonly packages: Readonly<Record<string, { readonly dev?: boolean }>> };
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;

/** Whether an installation of FacetDB brings the package along. */
function isDependency(name: string): boolean {
  const entry = packages[`node_modules/${name}`];
  return entry !== undefined && entry.dev !== true;
}

test('it holds the program, its types and the manual, and nothing else', () => {
  const strange = packed.filter((path) => !/^(dist\/.*\.(js|d\.ts)|docs\/.*\.md|package\.json|README\.md|CHANGELOG\.md|LICENSE)$/u.test(path));
  assert.deepEqual(strange, []);
  assert.ok(packed.includes('dist/main.js') && packed.includes('dist/index.d.ts') && packed.includes('docs/transactions.md'));
});

test('npx facetdb starts a server and stops it', async () => {
  const ports = ['postgres', 'http', 'redis', 'mongodb'].flatMap((protocol) => [`--${protocol}-port`, '0']);
  const child = spawn('npx', ['--no', 'facetdb', 'start', '--json', '--data', 'server', '--log-level', 'error', ...ports], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), exited.then(() => [''])])) as [string];
  const { ready, urls } = JSON.parse(line) as { ready: boolean; urls: Record<string, string> };
  assert.deepEqual([ready, Object.keys(urls).toSorted()], [true, ['http', 'mongodb', 'postgres', 'redis']]);
  await run('npx', ['--no', 'facetdb', 'stop', '--data', 'server'], { cwd: project });
  assert.deepEqual(await exited, [0, null]);
});

test('JavaScript embeds the store', async () => {
  writeFileSync(join(project, 'program.js'), program);
  const { stdout } = await run(process.execPath, ['program.js'], { cwd: project });
  assert.deepEqual(JSON.parse(stdout), [[{ id: 1, item: 'lamp' }], 1, ['1']]);
});

test('TypeScript has types, strict and with every declaration checked', async () => {
  writeFileSync(join(project, 'program.ts'), typedProgram);
  const compilerOptions = { target: 'es2022', lib: ['es2022', 'esnext.disposable'], module: 'nodenext', strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: false };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project]).catch((error: unknown) => assert.fail((error as { stdout: string }).stdout));
});

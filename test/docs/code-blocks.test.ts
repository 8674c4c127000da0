// Every code block of README.md and docs/ is run, page by page and in order, against a server started for it. How blocks are
// written, and which are only shown, is in CONTRIBUTING.md ("The manual").

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { Redis } from 'ioredis';
import { type Server, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type CodeBlock, codeBlocksOf } from './support/code-blocks.ts';
import { type Fill, fillFor } from './support/placeholders.ts';
import { Program, programOf, turnsDeclaration } from './support/program.ts';
import { linkFacetDB, linkPackages, root, writePackageJson } from './support/project-folder.ts';
import { runShell } from './support/shell.ts';

/** Only shown. */
const shown = ['text'] as const;
const programs = ['js', 'ts'] as const;
const languages: readonly string[] = [...shown, ...programs, 'json', 'sh', 'sql'];

const files = ['README.md', ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md')).map((file) => join('docs', file)).toSorted()];
const pages = files.map((file) => ({ file, blocks: codeBlocksOf(file, readFileSync(join(root, file), 'utf8')) })).filter(({ blocks }) => blocks.length > 0);

let folder: string;
let server: Server;
let fill: Fill;

before(async () => {
  folder = join(temporaryFolder(), 'project');
  mkdirSync(folder);
  linkPackages(folder);
  linkFacetDB(folder);
  writePackageJson(folder);
  server = await startServer({ dataDir: join(folder, 'facetdb-data'), args: ['--postgres-relay-port', '0'] });
  fill = fillFor(server.urls);
});
after(async () => void (await server.stop()));

test('blocks name a language that is known here', () => {
  for (const { page, line, language } of pages.flatMap(({ blocks }) => blocks)) assert.ok(languages.includes(language), `${page}:${line}: "${language}" is none of ${languages.join(', ')}`);
});

test('TypeScript is right about its types', () => {
  const sources = pages.flatMap(({ file, blocks }) => {
    const own = blocks.filter(({ language }) => language === 'ts');
    return own.length === 0 ? [] : [{ name: `${nameOf(file)}.check.ts`, text: turnsDeclaration + programOf(own, fill) }];
  });
  for (const { name, text } of sources) writeFileSync(join(folder, name), text);
  const compilerOptions = { target: 'es2023', lib: ['es2023', 'esnext.disposable'], module: 'nodenext', strict: true, noEmit: true, types: ['node'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: sources.map(({ name }) => name) }));
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' });
});

describe('blocks do what they say', () => {
  for (const { file, blocks } of pages) {
    test(file, async () => {
      await using stage = await Stage.open(file, blocks);
      for (const block of blocks) await stage.run(block).catch((error: unknown) => assert.fail(`${file}:${block.line}: ${describeError(error)}`));
    });
  }
});

/** What the blocks of one page have in common: a SQL connection, and the programs of which they are parts. */
class Stage implements AsyncDisposable {
  readonly #sql = new pg.Client(server.urls.postgres);
  readonly #programs = new Map<string, Program>();

  static async open(file: string, blocks: readonly CodeBlock[]): Promise<Stage> {
    const stage = new Stage();
    await stage.#sql.connect();
    for (const language of programs) {
      const own = blocks.filter((block) => block.language === language);
      if (own.length === 0) continue;
      const program = new Program(folder, `${nameOf(file)}.${language}`, programOf(own, fill));
      stage.#programs.set(language, program);
      await program.begin();
    }
    return stage;
  }

  async run({ language, text }: CodeBlock): Promise<void> {
    if (language === 'json') JSON.parse(text);
    else if (language === 'sql') await this.#sql.query(fill(text));
    else if (language === 'sh') await runShell(fill(text), folder);
    else await this.#programs.get(language)?.runBlock();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs.values()) await program.end();
    await this.#forget();
    await this.#sql.end();
  }

  /** Leaves nothing to the next page. */
  async #forget(): Promise<void> {
    await this.#sql.query('rollback; reset all');
    const { rows } = await this.#sql.query<{ statement: string }>(`
      select format('drop schema %I cascade', nspname) as statement from pg_namespace where nspname !~ '^(pg_|keyspace|facetdb$|information_schema$|public$)'
      union all select format('drop table public.%I cascade', relname) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
      union all select format('drop owned by %I; drop role %1$I', rolname) from pg_roles where rolname !~ '^(pg_|facet)'
      union all select 'truncate facetdb.key_mappings'`);
    for (const { statement } of rows) await this.#sql.query(statement);
    const redis = new Redis(server.urls.redis);
    await redis.flushall();
    redis.disconnect();
  }
}

/** A page's name as a file's. */
function nameOf(file: string): string {
  return file.replaceAll(/\W+/gu, '-');
}

function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

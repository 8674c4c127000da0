// A FacetDB of one's own, for tests and tools that stop it, kill it or need its process: the built program
// (dist/main.js), started as a user would start it. What it says on standard error is kept for the error's text.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { atExit } from './at-exit.ts';
import { newDataFolder } from './new-data-folder.ts';
import { endPostgres, killIfAlive } from './postgres-processes.ts';

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const startTimeoutMs = 60_000;
const stopTimeoutMs = 30_000;
const logKeptBytes = 64 * 1024;

export type ServerUrls = { readonly postgres: string; readonly http: string; readonly redis: string; readonly mongodb: string; readonly postgresRelay?: string };
type ReadyLine = { readonly urls: ServerUrls; readonly startMs: number };
export type ServerOptions = {
  /** Default: a new one. */
  readonly dataDir?: string;
  /** Further options of `facetdb start`. */
  readonly args?: readonly string[];
};

/** Starts `facetdb start --json` on free ports and waits until it is ready. Rejects with its log when it is not. */
export async function startServer({ dataDir = newDataFolder(), args = [] }: ServerOptions = {}): Promise<Server> {
  if (!existsSync(program)) throw new Error(`${program} does not exist: run 'npm run build' first`);
  // Loaded here and not above: most test files start no server.
  const { flagOf, portOptionNames } = await import('../../src/server/options.ts');
  const freePorts = portOptionNames.flatMap((name) => [flagOf(name), '0']);
  const child = spawn(process.execPath, [program, 'start', '--json', '--data', dataDir, ...freePorts, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environmentWithoutFacetDB(),
  });
  const server = new Server(child, dataDir);
  await server.ready();
  return server;
}

export class Server {
  readonly dataDir: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #ready: ReadyLine | undefined;
  #log = '';

  constructor(child: ChildProcess, dataDir: string) {
    this.dataDir = dataDir;
    this.#child = child;
    this.#exited = once(child, 'exit');
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-logKeptBytes);
    });
    // A test that fails half-way must not leave a server behind, nor the PostgreSQL of a killed one.
    atExit(() => {
      if (this.running) killIfAlive(this.pid);
      endPostgres(dataDir);
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get running(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get urls(): ServerUrls {
    return this.#whenReady.urls;
  }

  /** How long the start took, as the server says. */
  get startMs(): number {
    return this.#whenReady.startMs;
  }

  /** The last part of what the server wrote to standard error. */
  get log(): string {
    return this.#log;
  }

  async ready(): Promise<void> {
    const limit = new AbortController();
    const firstLine = this.#firstLine();
    const outcome = await Promise.race([firstLine, this.#exited, sleep(startTimeoutMs, 'late', { signal: limit.signal })]);
    limit.abort();
    if (typeof outcome !== 'string' || outcome === 'late') {
      killIfAlive(this.pid);
      throw new Error(`FacetDB did not start ${outcome === 'late' ? `within ${startTimeoutMs} ms` : `(exit ${this.#child.exitCode})`}:\n${this.#log}`);
    }
    this.#ready = JSON.parse(outcome) as ReadyLine;
  }

  /** Stops it as an operator does, and returns its exit code. */
  async stop(): Promise<number | null> {
    if (this.running) this.#child.kill('SIGTERM');
    const limit = new AbortController();
    const outcome = await Promise.race([this.#exited, sleep(stopTimeoutMs, 'late', { signal: limit.signal })]);
    limit.abort();
    if (outcome === 'late') {
      killIfAlive(this.pid);
      throw new Error(`FacetDB did not stop within ${stopTimeoutMs} ms:\n${this.#log}`);
    }
    return this.#child.exitCode;
  }

  /** Lets this process end while the server runs; ending, it kills the server. */
  unref(): void {
    this.#child.unref();
    for (const stream of [this.#child.stdout, this.#child.stderr]) if (stream instanceof Socket) stream.unref();
  }

  /** `kill -9` of FacetDB alone; its PostgreSQL is left as it is. */
  async kill9(): Promise<void> {
    if (this.running) this.#child.kill('SIGKILL');
    await this.#exited;
  }

  get #whenReady(): ReadyLine {
    if (this.#ready === undefined) throw new Error('the server is not ready');
    return this.#ready;
  }

  async #firstLine(): Promise<string> {
    const stdout = this.#child.stdout;
    if (stdout === null) throw new Error('the server was started without its standard output');
    const [line] = (await once(createInterface(stdout), 'line')) as [string];
    return line;
  }
}

/** The settings of whoever runs the tests must not reach the server under test. */
function environmentWithoutFacetDB(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FACETDB_')));
}

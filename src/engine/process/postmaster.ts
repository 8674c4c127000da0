// One run of the `postgres` program: started, watched until it is ready, stopped. Starting it again after it died is
// embedded-postgres.ts' affair. Manual: "Shutting Down the Server" for the signals.

import { type ChildProcess, spawn } from 'node:child_process';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { FacetError, messageOf } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { diskFull } from './folder-error.ts';
import { processLimits } from './limits.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { PostmasterLog } from './postmaster-log.ts';
import { programEnvironment } from './run-program.ts';
import { spawnAs, type SystemUser } from './system-user.ts';

export type PostmasterOptions = {
  /** The `postgres` program. */
  readonly program: string;
  readonly postgresDir: string;
  readonly user: SystemUser;
  /** For the command line, where nothing in the data directory overrides them. */
  readonly settings: Record<string, string>;
  readonly log: Log;
  readonly onStep: (step: string) => void;
};

export class Postmaster {
  readonly log: PostmasterLog;
  /** How it ended, as words for an error: `signal SIGKILL`, `exit code 1`. */
  readonly ended: Promise<string>;
  readonly #options: PostmasterOptions;
  readonly #child: ChildProcess;
  #hasEnded = false;
  #isStopping = false;
  #isReady = false;

  constructor(options: PostmasterOptions) {
    const { program, postgresDir, user, settings, log } = options;
    this.#options = options;
    this.log = new PostmasterLog(log);
    const parameters = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    // Detached: the Ctrl-C of a terminal is for FacetDB, which stops PostgreSQL after its clients.
    this.#child = spawn(program, ['-D', postgresDir, ...parameters], { ...spawnAs(user), cwd: '/', env: programEnvironment, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (chunk: string) => this.log.write(chunk));
    this.ended = this.#whenEnded();
    process.on('exit', this.#onProcessExit);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Waits until it accepts connections; a recovery may take its time. Otherwise throws why it does not start. */
  async ready(): Promise<void> {
    const { postgresDir, onStep } = this.#options;
    const startedAt = performance.now();
    let reportAt = startedAt + processLimits.startProgressMs;
    while (!this.#hasEnded) {
      const file = await readPostmasterFile(postgresDir);
      if (file?.pid === this.pid && file?.status === 'ready') {
        // What it wrote before it was ready is read in this turn.
        await nextTurn();
        this.#isReady = true;
        return;
      }
      const now = performance.now();
      if (now - this.log.heardAt > processLimits.startSilenceMs) {
        this.kill();
        throw new FacetError('engine_failed', `PostgreSQL said nothing for ${processLimits.startSilenceMs / 60_000} minutes while starting`);
      }
      if (now > reportAt) {
        onStep(`Waiting for PostgreSQL to recover from an interruption (${Math.round((now - startedAt) / 1000)} s)`);
        reportAt = now + processLimits.startProgressMs;
      }
      await withLimit(this.ended, processLimits.startPollMs);
    }
    throw await this.failure();
  }

  /** Why it ended by itself. */
  async failure(): Promise<FacetError> {
    const how = await this.ended;
    const { postgresDir } = this.#options;
    if (this.log.isDiskFull) return diskFull(postgresDir);
    const said = this.log.explanation;
    return new FacetError('engine_failed', said === '' ? `PostgreSQL ended with ${how}` : `PostgreSQL ended with ${how}: ${said}. If a setting is to blame, it is in ${postgresDir}/postgresql.auto.conf`);
  }

  /** In order: clients are disconnected, a checkpoint written; not in order past a limit. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#stopInOrder();
    if (!this.#hasEnded) this.signal('SIGQUIT');
    await withLimit(this.ended, processLimits.stopImmediateMs);
    this.signal('SIGKILL');
    await this.ended;
  }

  async #stopInOrder(): Promise<void> {
    const deadline = performance.now() + processLimits.stopFastMs;
    // One that recovers has nothing to put in order, and may take as long as the recovery.
    const isServing = (): boolean => this.#isReady && !this.log.isRecovering;
    if (isServing()) this.signal('SIGINT');
    while (!this.#hasEnded && isServing() && performance.now() < deadline) await withLimit(this.ended, processLimits.processPollMs);
  }

  /** At once; the next start recovers. */
  kill(): void {
    this.signal('SIGQUIT');
  }

  signal(name: NodeJS.Signals): void {
    if (!this.#hasEnded) this.#child.kill(name);
  }

  async #whenEnded(): Promise<string> {
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    const how = await new Promise<string>((resolve) => {
      this.#child.once('error', (error) => resolve(messageOf(error)));
      this.#child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
    });
    this.#hasEnded = true;
    process.off('exit', this.#onProcessExit);
    await withLimit(closed, processLimits.logDrainMs);
    this.log.end();
    return how;
  }

  /** FacetDB ends without having stopped it, by an error that nobody caught: nothing can be awaited any more. */
  readonly #onProcessExit = (): void => this.signal(this.#isStopping ? 'SIGQUIT' : 'SIGINT');
}

/** Waits for the promise, but no longer than the limit. */
async function withLimit(promise: Promise<unknown>, limitMs: number): Promise<void> {
  const limit = new AbortController();
  await Promise.race([promise, pause(limitMs, undefined, { signal: limit.signal }).catch(() => undefined)]);
  limit.abort();
}

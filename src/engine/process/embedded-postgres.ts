// The PostgreSQL that FacetDB brings, owns and keeps alive: made ready in a data folder, started, started again when it
// dies, stopped. What runs on it (connections, roles, statements) is the engine's.

import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { FacetError, messageOf } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { hostRules, userMap } from './access-rules.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { createCluster } from './cluster.ts';
import { commandLineSettings, serverConfiguration } from './configuration.ts';
import type { DataFolder } from './data-folder.ts';
import { onFolder } from './folder-error.ts';
import { endLeftover } from './leftover.ts';
import { processLimits } from './limits.ts';
import { findListenAddress, type ListenAddress, type ListenRequest, portForbidden, portTaken } from './listen-address.ts';
import { readMachine } from './machine.ts';
import { Postmaster } from './postmaster.ts';
import { clusterNameOf } from './postmaster-file.ts';
import { findProgram, type Program } from './program.ts';
import { emptySocketDirectory, makeSocketDirectory, removeSocketDirectory } from './socket-directory.ts';
import { ownUser } from './system-user.ts';
import { installTlsFiles, type TlsFiles } from './tls-files.ts';

/** The cluster's bootstrap superuser, FacetDB's own role: it logs in through the private socket only. */
export const systemRole = 'facetdb_system';

/** Names the private socket's file where there is no port for clients. */
const defaultPort = 5432;

export type EmbeddedPostgresOptions = {
  readonly folder: DataFolder;
  /** Where clients reach it; `undefined`: nowhere. */
  readonly listen: ListenRequest | undefined;
  readonly tls: TlsFiles | undefined;
  /** `none`: no password is asked for, on loopback. */
  readonly authentication: 'scram' | 'none';
  /** Plain TCP, and missing passwords, are meant beyond loopback too. */
  readonly insecure: boolean;
  readonly log: Log;
  /** What it is doing now, for people who wait. */
  readonly onStep?: (step: string) => void;
};

export type EmbeddedPostgresEvents = {
  /** It died, and is being started again. */
  down: [error: FacetError];
  /** It accepts connections again. */
  up: [];
  /** It died too often in a row and is not started again. */
  failed: [error: FacetError];
};

export class EmbeddedPostgres extends EventEmitter<EmbeddedPostgresEvents> {
  /** A folder that only PostgreSQL's user and root can enter; its socket is `.s.PGSQL.<port>`. */
  readonly socketDirectory: string;
  /** Names the socket's file and, where clients are listened for, their TCP port. */
  readonly port: number;
  /** Whether this start created the cluster. */
  readonly created: boolean;
  readonly #options: EmbeddedPostgresOptions;
  readonly #launcher: Launcher;
  readonly #stopping = new AbortController();
  #postmaster: Postmaster;
  #state: 'up' | 'down' | 'stopped' | 'failed' = 'up';
  #restarts = 0;
  #quickFailures = 0;
  #stopped: Promise<void> | undefined;
  #restarting: Promise<void> = Promise.resolve();

  private constructor(options: EmbeddedPostgresOptions, launcher: Launcher, postmaster: Postmaster) {
    super();
    this.#options = options;
    this.#launcher = launcher;
    this.#postmaster = postmaster;
    this.socketDirectory = launcher.socketDirectory;
    this.port = launcher.listen?.port ?? defaultPort;
    this.created = launcher.created;
    this.#watch(postmaster);
  }

  /**
   * Starts it, and creates its cluster where the folder has none. Beside the codes of its parts (`port_taken`,
   * `tls_invalid`, `disk_full`, `platform_unsupported`, …), `engine_failed` with what PostgreSQL said.
   */
  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    return onFolder(options.folder.path, async () => {
      const { folder } = options;
      const prepared = await prepare(options);
      try {
        for (let attempt = 1; ; attempt++) {
          const launcher = { ...prepared, listen: options.listen && (await findListenAddress(options.listen)) };
          try {
            return new EmbeddedPostgres(options, launcher, await launch(options, launcher));
          } catch (error) {
            // Between finding the free port and PostgreSQL's taking it, another program was quicker.
            const isRaced = error instanceof FacetError && error.code === 'port_taken' && options.listen?.port === 0;
            if (!isRaced || attempt === processLimits.freePortAttempts) throw error;
          }
        }
      } catch (error) {
        await removeSocketDirectory(prepared.socketDirectory, folder.postgresUser);
        throw error;
      }
    });
  }

  get state(): 'up' | 'down' | 'stopped' | 'failed' {
    return this.#state;
  }

  /** How often it died and was brought back. */
  get restarts(): number {
    return this.#restarts;
  }

  /** The postmaster's process id; `undefined` while there is none. */
  get pid(): number | undefined {
    return this.#state === 'up' ? this.#postmaster.pid : undefined;
  }

  /** In order: clients are disconnected, everything is written; past a limit, at once. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** At once, for those who do not want to wait for `stop`; the next start recovers. */
  kill(): void {
    this.#stopping.abort();
    this.#postmaster.kill();
    void this.stop();
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    await this.#postmaster.stop();
    await this.#restarting;
    // A restart that was under way when the stop began may have brought up another.
    await this.#postmaster.stop();
    if (this.#state !== 'failed') this.#state = 'stopped';
    await removeSocketDirectory(this.socketDirectory, this.#options.folder.postgresUser);
  }

  #watch(postmaster: Postmaster): void {
    const upAt = performance.now();
    void postmaster.ended.then(async (how) => {
      if (this.#stopping.signal.aborted) return;
      this.#quickFailures = performance.now() - upAt < processLimits.stableMs ? this.#quickFailures + 1 : 0;
      this.#state = 'down';
      const error = postmaster.log.isDiskFull ? await postmaster.failure() : new FacetError('engine_unavailable', `PostgreSQL ended with ${how} and is being started again`);
      this.#options.log.error(error.message);
      this.#restarting = this.#restart(error);
      this.emit('down', error);
    });
  }

  async #restart(reason: FacetError): Promise<void> {
    const { log, folder } = this.#options;
    for (let lastError: unknown = reason; ; ) {
      if (this.#quickFailures >= processLimits.quickFailures) return this.#fail(lastError);
      const delayMs = Math.min(processLimits.restartFirstMs * 2 ** this.#quickFailures, processLimits.restartLastMs);
      await pause(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#stopping.signal.aborted) return;
      try {
        await endLeftover({ postgresDir: folder.postgresDir, log, onStep: () => undefined });
        await emptySocketDirectory(this.socketDirectory, folder.postgresUser);
        // A stop must reach it while it starts, too. Nobody waits now, so there are no steps to tell.
        await launch({ ...this.#options, onStep: () => undefined }, this.#launcher, (postmaster) => (this.#postmaster = postmaster));
        break;
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        this.#quickFailures++;
        lastError = error;
        log.error(`PostgreSQL could not be started again: ${messageOf(error)}`);
      }
    }
    if (this.#stopping.signal.aborted) return;
    this.#restarts++;
    this.#state = 'up';
    log.info('PostgreSQL is up again');
    this.#watch(this.#postmaster);
    this.emit('up');
  }

  #fail(cause: unknown): void {
    this.#state = 'failed';
    const error = cause instanceof FacetError ? cause : new FacetError('engine_failed', messageOf(cause), { cause });
    this.#options.log.fatal(`PostgreSQL died ${this.#quickFailures} times in a row; giving up: ${error.message}`);
    this.emit('failed', error);
  }
}

/** What a launch needs and stays the same from one to the next. */
type Prepared = {
  readonly program: Program;
  readonly created: boolean;
  readonly socketDirectory: string;
  readonly tls: TlsFiles | undefined;
};
type Launcher = Prepared & { readonly listen: ListenAddress | undefined };

async function prepare({ folder, tls, log, onStep = () => undefined }: EmbeddedPostgresOptions): Promise<Prepared> {
  const user = folder.postgresUser;
  const program = await findProgram(user, (cache) => onStep(`Copying the PostgreSQL programs to ${cache}, where the user ${user.name} can run them`));
  const leftover = await endLeftover({ postgresDir: folder.postgresDir, log, onStep });
  if (leftover !== undefined) await removeSocketDirectory(leftover.socketDirectory, user);
  const created = await createCluster({ folder, program, systemRole, log, onStep });
  const tlsFiles = await installTlsFiles(tls, folder.path, user, log);
  return { program, created, tls: tlsFiles, socketDirectory: await makeSocketDirectory(folder.path, user) };
}

/** Starts the program and waits until it is ready; leaves none running when it throws. */
async function launch(options: EmbeddedPostgresOptions, launcher: Launcher, onLaunched: (postmaster: Postmaster) => void = () => undefined): Promise<Postmaster> {
  const { folder, log, onStep = () => undefined } = options;
  onStep('Starting PostgreSQL');
  const configuration = await writeConfiguration(options, launcher);
  const settings = commandLineSettings({
    clusterName: await clusterNameOf(folder.postgresDir),
    socketDirectory: launcher.socketDirectory,
    port: launcher.listen?.port ?? defaultPort,
    addresses: launcher.listen?.addresses ?? [],
    tls: launcher.tls,
    ...configuration,
  });
  const deadline = performance.now() + processLimits.orphanMs;
  for (;;) {
    const postmaster = new Postmaster({ program: launcher.program.postgres, postgresDir: folder.postgresDir, user: folder.postgresUser, settings, log, onStep });
    onLaunched(postmaster);
    try {
      await postmaster.ready();
    } catch (error) {
      await postmaster.stop();
      // Where the processes of a killed PostgreSQL could not be found and ended, they end by themselves before long.
      if (!postmaster.log.isMemoryHeld || performance.now() > deadline) throw bindError(postmaster, options.listen, launcher) ?? error;
      await pause(processLimits.restartFirstMs);
      continue;
    }
    const error = bindError(postmaster, options.listen, launcher);
    if (error === undefined) return postmaster;
    await postmaster.stop();
    throw error;
  }
}

/** The error for an address that PostgreSQL could not listen on, although it was free a moment before. */
function bindError(postmaster: Postmaster, request: ListenRequest | undefined, { listen }: Launcher): FacetError | undefined {
  const said = postmaster.log.bindFailure;
  if (said === undefined || request === undefined || listen === undefined) return undefined;
  const asked = { port: listen.port, option: request.option };
  if (/permission denied/i.test(said)) return portForbidden(asked, said);
  return portTaken(asked, listen.addresses.join(' or '), said);
}

async function writeConfiguration({ folder, authentication, insecure, tls }: EmbeddedPostgresOptions, launcher: Launcher): Promise<{ hbaFile: string; identFile: string }> {
  const file = (name: string): string => join(folder.postgresDir, name);
  const write = async (name: string, text: string): Promise<void> => {
    // Waiting for the disk is most of the time that a start takes.
    const isWritten = (await readFile(file(name), 'utf8').catch(() => undefined)) === text;
    if (!isWritten) await writeFileAtomically(file(name), text, { mode: 0o600, owner: folder.postgresUser });
  };
  await write('postgresql.conf', serverConfiguration(await readMachine(folder.path)));
  await write('pg_hba.conf', hostRules({ authentication, insecure, hasTls: tls !== undefined && launcher.tls !== undefined, systemRole }));
  await write('pg_ident.conf', userMap(ownUser().name));
  return { hbaFile: file('pg_hba.conf'), identFile: file('pg_ident.conf') };
}

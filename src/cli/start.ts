// `facetdb start`: runs a server until it is asked to stop, tells when it is ready and where.

import { messageOf } from '../kernel/errors.ts';
import { type Log, createLog } from '../kernel/log.ts';
import { version } from '../kernel/version.ts';
import type { OptionName, Settings } from '../server/options.ts';
import { Server } from '../server/server.ts';
import { readSettings } from '../server/settings.ts';
import { type ExitCode, exitCodeOf, exitCodeOfSignal, exitCodes } from './exit-codes.ts';
import { cliLimits } from './limits.ts';
import { type Progress, showProgress } from './progress.ts';
import { type Terminal, colorsFor } from './terminal.ts';

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves with the exit code once the server has stopped. With `--json`, errors are logged; without, they are thrown. */
export async function start(flags: Partial<Record<OptionName, unknown>>, terminal: Terminal): Promise<ExitCode> {
  // Until the settings are known, only the flag can tell.
  let isJson = flags.json === true;
  let log = createLog({ level: 'fatal', format: 'json', stream: terminal.stderr });
  try {
    const settings = readSettings({ flags, environment: terminal.environment, folder: terminal.folder });
    isJson = settings.json;
    log = logFor(settings, terminal);
    await serve(settings, { log, terminal });
    return exitCodes.ok;
  } catch (error) {
    if (!isJson) throw error;
    log.fatal({ err: error }, messageOf(error));
    return exitCodeOf(error);
  }
}

function logFor({ json, logLevel }: Settings, terminal: Terminal): Log {
  return createLog({ level: logLevel, format: json ? 'json' : 'text', stream: terminal.stderr, color: colorsFor(terminal, terminal.stderr).isColorSupported });
}

/** Runs the server until it has been stopped. Throws why it could not start, or could not go on. */
async function serve(settings: Settings, { log, terminal }: { log: Log; terminal: Terminal }): Promise<void> {
  const progress = settings.json ? logProgress(log) : showProgress(terminal);
  const startAbort = new AbortController();
  let server: Server | undefined;
  const forgetSignals = onStopSignals({
    first: (signal) => {
      log.info({ signal }, 'stopping');
      startAbort.abort();
      void server?.stop();
    },
    second: (signal) => {
      server?.kill();
      process.exit(exitCodeOfSignal(signal));
    },
  });
  try {
    server = await Server.start({ settings, log, onStep: (step) => progress.step(step), signal: startAbort.signal });
    progress.end('done');
    const notes = [...server.notes, ...warnings(settings)];
    if (settings.json) announceAsJson(server, { notes, log, terminal });
    else announce(server, { notes, terminal });
    const failure = await server.closed;
    if (failure !== undefined) throw failure;
  } catch (error) {
    progress.end('failed');
    // Asked to stop before it was ready: that is what it did.
    if (server === undefined && startAbort.signal.aborted) return;
    throw error;
  } finally {
    forgetSignals();
  }
}

type SignalHandlers = { readonly first: (signal: NodeJS.Signals) => void; readonly second: (signal: (typeof stopSignals)[number]) => void };

/** Returns what takes the handlers off again. */
function onStopSignals({ first, second }: SignalHandlers): () => void {
  let firstAt: number | undefined;
  const listeners = stopSignals.map((signal) => {
    const listener = (): void => {
      if (firstAt === undefined) {
        firstAt = performance.now();
        first(signal);
      } else if (performance.now() - firstAt > cliLimits.sameSignalMs) second(signal);
    };
    process.on(signal, listener);
    return { signal, listener };
  });
  return () => {
    for (const { signal, listener } of listeners) process.off(signal, listener);
  };
}

function logProgress(log: Log): Progress {
  return { step: (text) => log.info(text), end: () => {} };
}

type Announcement = { readonly notes: readonly string[]; readonly terminal: Terminal };

/** The one line that a program which starts FacetDB waits for. */
function announceAsJson({ urls, dataDir, startMs }: Server, { notes, log, terminal }: Announcement & { log: Log }): void {
  for (const note of notes) log.warn(note);
  terminal.stdout.write(`${JSON.stringify({ ready: true, urls, dataDir: dataDir ?? null, startMs })}\n`);
}

function announce({ urls, dataDir, startMs }: Server, { notes, terminal }: Announcement): void {
  const { bold, cyan, dim, green, yellow } = colorsFor(terminal, terminal.stdout);
  const rows = [...Object.entries(urls), ...(dataDir === undefined ? [] : [['data', dataDir] as const])];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = [
    `${green('✔')} ${bold(`FacetDB ${version}`)} is ready ${dim(`(${(startMs / 1_000).toFixed(1)} s)`)}`,
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${cyan(value)}`),
    '',
    ...notes.map((note) => `${yellow('note:')} ${note}`),
    dim(`Stop it with Ctrl-C${dataDir === undefined ? '' : ' or "facetdb stop"'}.`),
  ];
  terminal.stdout.write(`${lines.join('\n')}\n`);
}

function* warnings({ noAuth, insecure, host }: Settings): Generator<string> {
  if (noAuth) yield `anyone who can connect to ${host} may do anything (--no-auth)`;
  if (insecure) yield 'protections are off (--insecure)';
}

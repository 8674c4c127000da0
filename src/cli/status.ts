// `facetdb status`: is it running, since when, where, and does it answer. The exit code says it to scripts.

import { isFacetError } from '../kernel/errors.ts';
import type { Settings } from '../server/options.ts';
import { type RunningServerStatus, statusOfRunningServer } from '../server/running-server.ts';
import { formatDuration } from './duration.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Terminal, colorsFor } from './terminal.ts';

export async function status(settings: Settings, terminal: Terminal): Promise<ExitCode> {
  if (settings.json) return await statusAsJson(settings, terminal);
  const found = await statusOfRunningServer(settings);
  const { bold, green, yellow } = colorsFor(terminal, terminal.stdout);
  const rows: [string, string][] = [
    ['process', `${found.pid}${found.startedAt === undefined ? '' : `, for ${formatDuration(Date.now() - Date.parse(found.startedAt))}`}`],
    ['data', found.dataDir],
    ...Object.entries(found.urls),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const headline = `${found.status === 'ready' ? green('✔') : yellow('!')} ${bold(found.version === undefined ? 'FacetDB' : `FacetDB ${found.version}`)} ${descriptions[found.status]}`;
  terminal.stdout.write(`${[headline, ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)].join('\n')}\n`);
  return exitCodeOfStatus(found);
}

const descriptions = {
  starting: 'is starting',
  ready: 'is ready',
  degraded: 'is running, but its PostgreSQL does not answer',
} as const satisfies Record<RunningServerStatus['status'], string>;

/** One line, also where none is running: then `status` is `stopped`. */
async function statusAsJson(settings: Settings, terminal: Terminal): Promise<ExitCode> {
  try {
    const found = await statusOfRunningServer(settings);
    terminal.stdout.write(`${JSON.stringify(found)}\n`);
    return exitCodeOfStatus(found);
  } catch (error) {
    if (!isFacetError(error, 'not_running')) throw error;
    terminal.stdout.write(`${JSON.stringify({ status: 'stopped' })}\n`);
    return exitCodes.notRunning;
  }
}

function exitCodeOfStatus({ status: found }: RunningServerStatus): ExitCode {
  return found === 'ready' ? exitCodes.ok : exitCodes.degraded;
}

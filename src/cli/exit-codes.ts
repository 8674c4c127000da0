// The exit codes of the command, and which error gives which. `facetdb --help` and docs/command-line.md show them.

import { type ErrorCode, FacetError } from '../kernel/errors.ts';

export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notRunning: 3,
  degraded: 4,
  dataFolder: 5,
  portTaken: 6,
  engine: 7,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeMeanings = {
  ok: 'done; for start: stopped as asked',
  failed: 'failed for a reason that the error names',
  usage: 'an option, a variable or the configuration file is wrong, or listening so is refused',
  notRunning: 'no FacetDB is running on the data folder',
  degraded: 'status: FacetDB is running, but not ready',
  dataFolder: 'the data folder is in use, of another version, foreign, unreachable, unwritable or full',
  portTaken: 'a port is taken',
  engine: 'PostgreSQL could not be started or reached, or died for good',
} as const satisfies Record<keyof typeof exitCodes, string>;

const codeByError: Partial<Record<ErrorCode, ExitCode>> = {
  configuration_invalid: exitCodes.usage,
  data_folder_foreign: exitCodes.dataFolder,
  data_folder_in_use: exitCodes.dataFolder,
  data_folder_unreachable: exitCodes.dataFolder,
  data_folder_unwritable: exitCodes.dataFolder,
  data_folder_version: exitCodes.dataFolder,
  disk_full: exitCodes.dataFolder,
  engine_failed: exitCodes.engine,
  engine_unavailable: exitCodes.engine,
  engine_unsupported: exitCodes.engine,
  listen_refused: exitCodes.usage,
  not_running: exitCodes.notRunning,
  platform_unsupported: exitCodes.engine,
  port_taken: exitCodes.portTaken,
  store_too_new: exitCodes.dataFolder,
  tls_invalid: exitCodes.usage,
};

/** The exit code for anything that was thrown. */
export function exitCodeOf(error: unknown): ExitCode {
  return (error instanceof FacetError ? codeByError[error.code] : undefined) ?? exitCodes.failed;
}

/** A process that is ended by a signal has this code, as shells have it. */
export function exitCodeOfSignal(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): number {
  return 128 + { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 }[signal];
}

// The log: levels and fields, as JSON lines or as readable lines, always on the stream given (standard error).
// Secrets never reach it: callers log names and codes, not statements, parameters or passwords.

import type { Writable } from 'node:stream';
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];
export type Log = Logger;

export type LogOptions = {
  readonly level: LogLevel;
  /** `json`: one object a line, time in ISO 8601. `text`: for people. */
  readonly format: 'json' | 'text';
  readonly stream: Writable;
  readonly color?: boolean;
};

export function createLog({ level, format, stream, color = false }: LogOptions): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (format === 'json') return pino(options, stream);
  return pino(
    options,
    pretty({ destination: stream, colorize: color, translateTime: 'SYS:HH:MM:ss.l', ignore: 'component', messageFormat: '{if component}{component}: {end}{msg}', singleLine: true }),
  );
}

/** A log that writes nothing, for tests and embedding. */
export const silentLog: Log = pino({ level: 'silent' });

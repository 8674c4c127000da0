// Where the command reads from and writes to, and how: with colours on a terminal, plain elsewhere.

import { createColors } from 'picocolors';
import { FacetError, messageOf } from '../kernel/errors.ts';

export type Terminal = {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: NodeJS.ProcessEnv;
  /** Absolute. */
  readonly folder: string;
};

export function colorsFor({ environment }: Terminal, stream: NodeJS.WriteStream): ReturnType<typeof createColors> {
  // Never undefined: createColors would then decide by itself, and say yes wherever CI is set.
  return createColors(stream.isTTY === true && environment['NO_COLOR'] === undefined && environment['TERM'] !== 'dumb');
}

/** One line for a mistake; its details, where they have lines of their own, follow. */
export function showError(terminal: Terminal, error: unknown): void {
  const { red } = colorsFor(terminal, terminal.stderr);
  terminal.stderr.write(`${red('error:')} ${describe(error)}\n`);
}

function describe(error: unknown): string {
  if (error instanceof FacetError && error.code !== 'internal') {
    return error.details.includes('\n') ? error.message.replace(`: ${error.details}`, `:\n${error.details.replaceAll(/^/gm, '  ')}`) : error.message;
  }
  // Our own mistake: whoever reports it should be able to say where it happened.
  return error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error);
}

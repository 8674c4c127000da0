// The command `facetdb` run within this process, as a shell would run it, with its output and exit code.

import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { run } from '../../src/cli/program.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type CommandOptions = {
  /** Standard input; default: none. */
  readonly input?: string;
  readonly environment?: Record<string, string>;
  /** The current folder; default: a new one. */
  readonly folder?: string;
};

export type CommandResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

export async function facetdb(args: readonly string[], { input = '', environment = {}, folder = temporaryFolder() }: CommandOptions = {}): Promise<CommandResult> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end(input);
  const terminal = { stdin, stdout, stderr, environment, folder } as unknown as Terminal;
  const code = await run(args, terminal);
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

// Reading a password from standard input. It is never an argument: arguments are seen by every user of the machine.

import { FacetError } from '../kernel/errors.ts';
import { cliLimits } from './limits.ts';
import type { Terminal } from './terminal.ts';

/** The first line, without its end. Throws `data_invalid` for none, an empty one, or far too much. */
export async function readPassword({ stdin, stderr }: Terminal): Promise<string> {
  if (stdin.isTTY) stderr.write('Password (shown as you type): ');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk as Buffer | string);
    chunks.push(bytes);
    length += bytes.length;
    if (bytes.includes(0x0a) || length > cliLimits.passwordInputBytes) break;
  }
  const [line = ''] = Buffer.concat(chunks).toString('utf8').split(/\r?\n/, 1);
  if (line === '') throw new FacetError('data_invalid', 'there is no password on standard input');
  if (length > cliLimits.passwordInputBytes) throw new FacetError('data_invalid', 'what stands on standard input is too long for a password');
  return line;
}

// MONITOR: shows every request of the server to the clients that asked for it, without secrets.

import type { Buffer } from 'node:buffer';
import type { Command } from './command.ts';
import type { RedisConnection } from './connection.ts';
import { redacted } from './redact.ts';
import { Status } from './reply.ts';

export class Monitors {
  readonly #connections = new Set<RedisConnection>();

  add(connection: RedisConnection): void {
    connection.isMonitor = true;
    this.#connections.add(connection);
  }

  remove(connection: RedisConnection): void {
    connection.isMonitor = false;
    this.#connections.delete(connection);
  }

  /** A request is about to be carried out. */
  show(connection: RedisConnection, command: Command, request: readonly Buffer[]): void {
    if (this.#connections.size === 0 || command.flags.includes('skip_monitor') || command.flags.includes('admin')) return;
    const now = process.hrtime.bigint() / 1_000n;
    const seconds = Math.floor(Date.now() / 1_000);
    const micros = String(now % 1_000_000n).padStart(6, '0');
    const words = redacted(command, request).map((argument) => (typeof argument === 'string' ? `"${argument}"` : quoted(argument)));
    const line = new Status(`${seconds}.${micros} [${connection.space} ${connection.address}] ${words.join(' ')}`);
    for (const monitor of this.#connections) monitor.push(line);
  }
}

const escapes: Readonly<Record<string, string>> = { '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t`, '\b': String.raw`\b`, '\u0007': String.raw`\a` };

/** As Redis's `sdscatrepr` shows bytes. */
function quoted(bytes: Buffer): string {
  let text = '"';
  for (const character of bytes.toString('latin1')) {
    if (character === '"' || character === '\\') text += `\\${character}`;
    else if (character >= ' ' && character <= '~') text += character;
    else text += escapes[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  }
  return `${text}"`;
}

// The `js` (or `ts`) blocks of a page as one program: what one block declares the next ones use, and the program waits between two
// of them while the blocks of other languages that stand there are run.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CodeBlock } from './code-blocks.ts';
import type { Fill } from './placeholders.ts';

const turns = new URL('./turns.ts', import.meta.url).href;
const blockTimeoutMs = 30_000;
const tsx = import.meta.resolve('tsx');

/** `console.log(value); // prints text`: what is printed is compared. "…" stands for anything. */
const printed = /^(?<indent>\s*)console\.log\((?<value>.*)\); \/\/ prints (?<text>.*)$/gmu;

/** The text of the program, one line a line of the page and more in between. */
export function programOf(blocks: readonly CodeBlock[], fill: Fill): string {
  const parts = blocks.map(({ page, line, text }) => `await reached(${JSON.stringify(`${page}:${line}`)});\n${fill(text).replaceAll(printed, (...match) => {
    const { indent, value, text: expected } = match.at(-1) as Record<string, string>;
    return `${indent}prints(${JSON.stringify(expected)}, ${value});`;
  })}`);
  return [...parts, 'await reached("the end");', 'process.exit(0);', 'export {};', ''].join('\n');
}

export class Program {
  readonly #child: ChildProcess;
  #output = '';

  constructor(folder: string, name: string, text: string) {
    const file = join(folder, name);
    writeFileSync(file, text);
    // Loaded by tsx for Node.js 20, which does not know `await using`.
    this.#child = fork(file, { cwd: folder, execArgv: ['--import', tsx, '--import', turns], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.setEncoding('utf8').on('data', (chunk: string) => (this.#output += chunk));
  }

  /** Waits for the program's beginning. */
  async begin(): Promise<void> {
    await this.#nextTurn();
  }

  /** Runs the next block. Rejects with what the program said when it ends in it. */
  async runBlock(): Promise<void> {
    this.#child.send('go');
    await this.#nextTurn();
  }

  /** Lets it go on to its end. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.send('go');
    await exited;
  }

  async #nextTurn(): Promise<void> {
    const left = new AbortController();
    const { signal } = left;
    const late = sleep(blockTimeoutMs, undefined, { signal }).then(() => {
      this.#child.kill('SIGKILL');
      throw new Error(`it took longer than ${blockTimeoutMs} ms`);
    });
    late.catch(() => {});
    const exit = once(this.#child, 'close', { signal }).then(() => {
      throw new Error(this.#output);
    });
    exit.catch(() => {});
    try {
      await Promise.race([once(this.#child, 'message', { signal }), exit, late]);
    } finally {
      left.abort();
    }
  }
}

/** What TypeScript has to know of `turns.ts`. */
export const turnsDeclaration = 'declare function reached(place: string): Promise<void>;\ndeclare function prints(expected: string, ...values: unknown[]): void;\n';

// Reads PostgreSQL's log (its standard error, in the form that configuration.ts asks for) and passes on what an operator
// should know. What clients wrote (statements, values) stays out: it may hold secrets. Also remembers the last grave
// lines, to explain a failure.

import type { Log } from '../../kernel/log.ts';
import { processLimits } from './limits.ts';

/** One message of PostgreSQL, without what belongs to it on further lines. */
export type PostmasterMessage = {
  readonly pid: number;
  /** `postmaster`, `client backend`, `checkpointer`, … */
  readonly process: string;
  /** The client's address; empty for others. */
  readonly host: string;
  readonly sqlState: string;
  readonly severity: string;
  readonly text: string;
};

type MessageLevel = 'debug' | 'info' | 'warn' | 'error';

const linePattern = /^(\d+)\|([^|]*)\|([^|]*)\|([0-9A-Z]{5})\|([A-Z]+[1-5]?): {1,2}(.*)$/;
const further = new Set(['DETAIL', 'HINT', 'CONTEXT', 'STATEMENT', 'QUERY', 'LOCATION', 'BACKTRACE']);

/** Messages of severity LOG that an operator should see; the rest of LOG is chatter. */
const notableLogs: readonly (readonly [RegExp, MessageLevel])[] = [
  [/was terminated by signal|crash of another server process|all server processes terminated/, 'warn'],
  [/not properly shut down|(redo|syncing data directory|resetting unlogged relations).*elapsed time/, 'info'],
  [/could not|too frequently|out of memory/, 'warn'],
];

export class PostmasterLog {
  readonly #log: Log;
  readonly #explanation: string[] = [];
  #partial = '';
  #heardAt = performance.now();
  #isDiskFull = false;
  #bindFailure: string | undefined;
  #isMemoryHeld = false;
  #isRecovering = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** The monotonic moment of the last line, milliseconds as by `performance.now()`. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** The last grave lines, the oldest first; empty when there was none. */
  get explanation(): string {
    return this.#explanation.join('; ');
  }

  /** PostgreSQL ended, or did not start, because of a full disk. */
  get isDiskFull(): boolean {
    return this.#isDiskFull;
  }

  /** What PostgreSQL said when it could not listen on an address. */
  get bindFailure(): string | undefined {
    return this.#bindFailure;
  }

  /** The processes of an earlier PostgreSQL still hold this folder's shared memory. */
  get isMemoryHeld(): boolean {
    return this.#isMemoryHeld;
  }

  /** One of its processes crashed, and it brings itself back. */
  get isRecovering(): boolean {
    return this.#isRecovering;
  }

  /** Takes what PostgreSQL wrote, in pieces of any size. */
  write(chunk: string): void {
    this.#heardAt = performance.now();
    const lines = (this.#partial + chunk).split('\n');
    this.#partial = (lines.pop() ?? '').slice(0, processLimits.logLineLength);
    for (const line of lines) this.#take(line.slice(0, processLimits.logLineLength));
  }

  /** Takes what came last without an end of line. */
  end(): void {
    if (this.#partial !== '') this.#take(this.#partial);
    this.#partial = '';
  }

  #take(line: string): void {
    const message = parseMessage(line);
    if (message === undefined) return this.#takeOther(line);
    if (message === 'further') return;
    this.#observe(message);
    const level = levelOf(message);
    const { pid, process, host, sqlState, severity, text } = message;
    const mayQuoteClient = process === 'client backend' && (severity === 'ERROR' || severity === 'WARNING') && level === 'debug';
    this.#log[level]({ pid, process, ...(host === '' ? {} : { host }), ...(sqlState === '00000' ? {} : { sqlState }) }, mayQuoteClient ? `a statement gave ${severity}` : text);
  }

  /** Lines without our prefix: of the dynamic loader, of a library, or from before PostgreSQL read its settings. */
  #takeOther(line: string): void {
    if (line.trim() === '' || line.startsWith('\t')) return;
    this.#remember(line);
    this.#log.warn(line);
  }

  #observe({ process, severity, sqlState, text }: PostmasterMessage): void {
    if (/could not bind|could not create listen socket|could not create any TCP/.test(text)) this.#bindFailure ??= text;
    if (/pre-existing shared memory block/.test(text)) this.#isMemoryHeld = true;
    if (process === 'postmaster' && text.endsWith('reinitializing')) this.#isRecovering = true;
    if (process === 'postmaster' && text.endsWith('ready to accept connections')) this.#isRecovering = false;
    const isGrave = severity === 'PANIC' || (severity === 'FATAL' && process !== 'client backend');
    // The system says the same of semaphores and of shared memory.
    const isNoSpace = (sqlState === '53100' || text.includes('No space left on device')) && !/semaphore|shared memory/.test(text);
    if (isGrave && isNoSpace) this.#isDiskFull = true;
    if (isGrave || (severity === 'ERROR' && process !== 'client backend')) this.#remember(text);
  }

  #remember(text: string): void {
    this.#explanation.push(text.trim());
    if (this.#explanation.length > processLimits.explanationLines) this.#explanation.shift();
  }
}

/** `further` for a line that belongs to the message before it; `undefined` for what is not in PostgreSQL's form. */
export function parseMessage(line: string): PostmasterMessage | 'further' | undefined {
  const match = linePattern.exec(line);
  if (match === null) return undefined;
  const [, pid = '', process = '', host = '', sqlState = '', severity = '', text = ''] = match;
  if (further.has(severity)) return 'further';
  return { pid: Number(pid), process, host, sqlState, severity, text };
}

/** How much an operator cares. */
function levelOf({ process, severity, sqlState, text }: PostmasterMessage): MessageLevel {
  const isClient = process === 'client backend';
  switch (severity) {
    case 'PANIC':
      return 'error';
    case 'FATAL':
      if (!isClient) return sqlState.startsWith('57P') ? 'debug' : 'error';
      // Ended by a shutdown, refused while starting, gone without a word: the clients' everyday life.
      return sqlState.startsWith('57P') || sqlState.startsWith('08') ? 'debug' : 'warn';
    case 'ERROR':
      if (!isClient) return 'error';
      // Of the server's own making: out of disk or memory (53), the system (58), damaged data and bugs (XX).
      return /^(53|58|XX)/.test(sqlState) ? 'error' : 'debug';
    case 'WARNING':
      return isClient ? 'debug' : 'warn';
    case 'LOG':
      // Of clients, it is connections that were reset and the like.
      return (isClient ? undefined : notableLogs.find(([pattern]) => pattern.test(text))?.[1]) ?? 'debug';
    default:
      return 'debug';
  }
}

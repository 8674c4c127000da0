// What INFO, LATENCY HISTOGRAM and CONFIG RESETSTAT know about the requests of one server.

import { LatencyHistogram } from './latency-histogram.ts';
import { redisLimits } from './limits.ts';

export type CommandStatistics = {
  calls: number;
  microseconds: number;
  /** Refused before it ran: wrong number of arguments, no authentication, not allowed here. */
  rejected: number;
  /** Ran and answered an error. */
  failed: number;
  readonly latency: LatencyHistogram;
};

export class Statistics {
  /** By the command's full name (`config|get`). */
  readonly commands = new Map<string, CommandStatistics>();
  /** By the error's code word. */
  readonly errors = new Map<string, number>();
  connections = 0;
  rejectedConnections = 0;
  evictedClients = 0;
  processed = 0;
  inputBytes = 0;
  outputBytes = 0;
  expiredKeys = 0;
  /** Changes of keys since SAVE or BGSAVE. */
  changes = 0;
  /** Keys that read commands found, and did not find. */
  hits = 0;
  misses = 0;
  errorReplies = 0;
  /** Of the last second, by `tick`. */
  operationsPerSecond = 0;
  inputBytesPerSecond = 0;
  outputBytesPerSecond = 0;
  #before = { processed: 0, inputBytes: 0, outputBytes: 0 };

  /** A request that ran. */
  ran(name: string, microseconds: number, error: string | undefined): void {
    const command = this.#of(name);
    command.calls += 1;
    command.microseconds += microseconds;
    command.latency.record(microseconds);
    this.processed += 1;
    if (error === undefined) return;
    command.failed += 1;
    this.#countError(error);
  }

  /** A request that was refused; without a name: there is no such command. */
  rejected(name: string | undefined, error: string): void {
    if (name !== undefined) this.#of(name).rejected += 1;
    this.#countError(error);
  }

  /** CONFIG RESETSTAT. */
  reset(): void {
    this.commands.clear();
    this.errors.clear();
    this.connections = 0;
    this.rejectedConnections = 0;
    this.evictedClients = 0;
    this.processed = 0;
    this.inputBytes = 0;
    this.outputBytes = 0;
    this.expiredKeys = 0;
    this.hits = 0;
    this.misses = 0;
    this.errorReplies = 0;
    this.#before = { processed: 0, inputBytes: 0, outputBytes: 0 };
  }

  /** Called once a second. */
  tick(): void {
    const { processed, inputBytes, outputBytes } = this;
    this.operationsPerSecond = processed - this.#before.processed;
    this.inputBytesPerSecond = inputBytes - this.#before.inputBytes;
    this.outputBytesPerSecond = outputBytes - this.#before.outputBytes;
    this.#before = { processed, inputBytes, outputBytes };
  }

  #of(name: string): CommandStatistics {
    let command = this.commands.get(name);
    if (command === undefined) {
      command = { calls: 0, microseconds: 0, rejected: 0, failed: 0, latency: new LatencyHistogram() };
      this.commands.set(name, command);
    }
    return command;
  }

  #countError(message: string): void {
    this.errorReplies += 1;
    const end = message.indexOf(' ');
    const code = end < 0 ? message : message.slice(0, end);
    const known = this.errors.get(code);
    // Codes come from our own texts and from what SQL functions raise: their number is bounded all the same.
    if (known !== undefined || this.errors.size < redisLimits.errorCodes) this.errors.set(code, (known ?? 0) + 1);
  }
}

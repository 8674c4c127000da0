// configureFailPoint: errors on demand, for the test suites of drivers. Only with --test-commands.
// Source: MongoDB's wiki, "The failCommand Fail Point".

import { DocumentError } from '../../facets/documents/index.ts';
import { Int32, isNumeric, type Document, type Maybe, type Value } from '../../values/bson/types.ts';
import { numberOf } from './fields.ts';

type Mode = { readonly kind: 'off' | 'alwaysOn' } | { readonly kind: 'times' | 'skip'; left: number } | { readonly kind: 'activationProbability'; readonly probability: number };

/** What a command that meets the fail point does instead. */
export type Failure = {
  readonly closesConnection: boolean;
  readonly blockMs: number;
  readonly errorCode: number | undefined;
  /** Replaces the labels that the error would have. */
  readonly errorLabels: readonly string[] | undefined;
  readonly writeConcernError: Document | undefined;
};

/** Never fails: or the fail points could not be turned off. */
const exempt: ReadonlySet<string> = new Set(['configureFailPoint']);

export class FailPoints {
  #mode: Mode = { kind: 'off' };
  #data: Document = new Map();
  #entered = 0;

  /** Gives how often it was met until now. Throws DocumentError. */
  configure(name: string, mode: Value, data: Document): number {
    if (name !== 'failCommand') throw new DocumentError('CommandNotSupported', `the fail point '${name}' is not supported: only failCommand is`);
    this.#mode = modeOf(mode);
    this.#data = data;
    return this.#entered;
  }

  /** How `command` has to fail now; undefined where it need not. */
  meet(command: string, { appName, namespace }: { readonly appName: string | undefined; readonly namespace: string }): Failure | undefined {
    if (this.#mode.kind === 'off' || exempt.has(command) || !this.#concerns(command, appName, namespace) || !this.#isActive()) return undefined;
    this.#entered += 1;
    const errorCode = this.#data.get('errorCode');
    const labels = this.#data.get('errorLabels');
    const blockMs = this.#data.get('blockTimeMS');
    const concern = this.#data.get('writeConcernError');
    return {
      closesConnection: this.#data.get('closeConnection') === true,
      blockMs: this.#data.get('blockConnection') === true && isNumeric(blockMs) ? numberOf(blockMs) : 0,
      errorCode: isNumeric(errorCode) ? numberOf(errorCode) : undefined,
      errorLabels: Array.isArray(labels) ? labels.filter((label) => typeof label === 'string') : undefined,
      writeConcernError: concern instanceof Map ? concern : undefined,
    };
  }

  #concerns(command: string, appName: string | undefined, namespace: string): boolean {
    const commands = this.#data.get('failCommands');
    const wantedApp = this.#data.get('appName');
    const wantedNamespace = this.#data.get('namespace');
    return (
      Array.isArray(commands) && commands.includes(command) && (typeof wantedApp !== 'string' || wantedApp === appName) &&
      (typeof wantedNamespace !== 'string' || wantedNamespace === namespace)
    );
  }

  #isActive(): boolean {
    const mode = this.#mode;
    switch (mode.kind) {
      case 'times':
        mode.left -= 1;
        if (mode.left <= 0) this.#mode = { kind: 'off' };
        return true;
      case 'skip':
        mode.left -= 1;
        return mode.left < 0;
      case 'activationProbability':
        return Math.random() < mode.probability;
      default:
        return mode.kind === 'alwaysOn';
    }
  }
}

function modeOf(mode: Value): Mode {
  if (mode === 'off' || mode === 'alwaysOn') return { kind: mode };
  if (mode instanceof Map) {
    const times = positiveOf(mode.get('times'));
    if (times !== undefined) return times === 0 ? { kind: 'off' } : { kind: 'times', left: times };
    const skip = positiveOf(mode.get('skip'));
    if (skip !== undefined) return { kind: 'skip', left: skip };
    const probability = mode.get('activationProbability');
    if (typeof probability === 'number' || probability instanceof Int32) return { kind: 'activationProbability', probability: numberOf(probability) };
  }
  throw new DocumentError('BadValue', 'unknown mode of a fail point');
}

function positiveOf(value: Maybe): number | undefined {
  return isNumeric(value) && numberOf(value) >= 0 ? numberOf(value) : undefined;
}

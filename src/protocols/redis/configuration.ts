// The run-time configuration of one server: what CONFIG GET shows and CONFIG SET changes. Values are checked and
// normalised as Redis's config.c does, with its error texts.

import { eventLetters, parseEventClasses, showEventClasses } from './event-classes.ts';
import { parseInt64 } from './numbers.ts';
import { type Parameter, parameterAliases, parameters } from './configuration-parameters.ts';
import { parseMemory, wordsOf } from './configuration-words.ts';
import { type OutputLimits, parseOutputLimits, showOutputLimits } from './output-limits.ts';
import { RedisError } from './redis-error.ts';

export class Configuration {
  readonly #values = new Map<string, string>();
  /** Those of `#values` that were asked for as numbers: some are, for every argument of every request. */
  readonly #integers = new Map<string, number>();
  #outputLimits: OutputLimits;
  #eventClasses: ReadonlySet<string> = new Set();
  /** `slowlog-log-slower-than` and `latency-monitor-threshold` together: from here on a request is looked at. */
  slowMicroseconds = 10_000;
  /** `appendfsync` is `everysec` or `no`. */
  isRelaxed = false;
  /** Called with the names that were set, after all of them were. */
  onChange: ((names: readonly string[]) => void) | undefined;

  /** `own` are values that are known at start, such as the port. */
  constructor(own: Readonly<Record<string, string>> = {}) {
    for (const [name, { value }] of Object.entries(parameters)) this.#values.set(name, own[name] ?? value);
    this.#outputLimits = parseOutputLimits(this.text('client-output-buffer-limit'), undefined);
  }

  /** All names that are shown, aliases too. */
  get names(): string[] {
    const shown = [...this.#values.keys()].filter((name) => parameters[name]!.isHidden !== true);
    return [...shown, ...Object.keys(parameterAliases)];
  }

  /** Undefined when there is no such parameter. */
  find(name: string): string | undefined {
    return this.#values.get(parameterAliases[name] ?? name);
  }

  text(name: keyof typeof parameters): string {
    return this.#values.get(name)!;
  }

  integer(name: keyof typeof parameters): number {
    let value = this.#integers.get(name);
    if (value === undefined) this.#integers.set(name, (value = Number(this.text(name))));
    return value;
  }

  boolean(name: keyof typeof parameters): boolean {
    return this.text(name) === 'yes';
  }

  get outputLimits(): OutputLimits {
    return this.#outputLimits;
  }

  /** The letters of `notify-keyspace-events`, `A` spelled out. */
  get eventClasses(): ReadonlySet<string> {
    return this.#eventClasses;
  }

  /** A key that is replaced is looked at first: it may be new, or have expired, which somebody wants to be told. */
  get tellsOfReplaced(): boolean {
    return this.#eventClasses.has('n') || this.#eventClasses.has('x');
  }

  /** Sets all of them or none. Throws `RedisError`. */
  set(pairs: readonly (readonly [name: string, value: string])[]): void {
    const checked = new Map<string, string>();
    let events: string | undefined;
    for (const [given, value] of pairs) {
      const name = parameterAliases[given] ?? given;
      const parameter = parameters[name];
      if (parameter === undefined) throw new RedisError(`ERR Unknown option or number of arguments for CONFIG SET - '${given}'`);
      if (checked.has(name)) throw failed(given, 'duplicate parameter');
      if (parameter.fate === 'immutable') throw failed(given, "can't set immutable config");
      checked.set(name, this.#check(given, name, parameter, value));
      // As it was given: CONFIG GET does not show all of it.
      if (parameter.type === 'events') events = value;
    }
    for (const [name, value] of checked) this.#values.set(name, value);
    this.#integers.clear();
    if (checked.has('client-output-buffer-limit')) this.#outputLimits = parseOutputLimits(this.text('client-output-buffer-limit'), undefined);
    if (events !== undefined) this.#eventClasses = parseEventClasses(events)!;
    this.isRelaxed = this.text('appendfsync') !== 'always';
    const latencyThreshold = this.integer('latency-monitor-threshold') * 1_000;
    const slowLogThreshold = this.integer('slowlog-log-slower-than');
    const thresholds = [...(latencyThreshold > 0 ? [latencyThreshold] : []), ...(slowLogThreshold >= 0 ? [slowLogThreshold] : [])];
    this.slowMicroseconds = thresholds.length === 0 ? -1 : Math.min(...thresholds);
    this.onChange?.([...checked.keys()]);
  }

  #check(given: string, name: string, parameter: Parameter, value: string): string {
    const normal = normalise(parameter, value, this.#outputLimits);
    if (normal instanceof Problem) throw failed(given, normal.text);
    if (typeof parameter.fate === 'object' && normal !== this.#values.get(name)) throw failed(given, parameter.fate.refused);
    return normal;
  }
}

class Problem {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function failed(name: string, reason: string): RedisError {
  return new RedisError(`ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`);
}

/** The value as CONFIG GET shows it, or what is wrong with it. */
function normalise(parameter: Parameter, value: string, outputLimits: OutputLimits): string | Problem {
  switch (parameter.type) {
    case 'text':
      return value;
    case 'boolean':
      return /^(?:yes|no)$/iu.test(value) ? value.toLowerCase() : new Problem("argument must be 'yes' or 'no'");
    case 'choice':
      return parameter.choices.includes(value.toLowerCase())
        ? value.toLowerCase()
        : new Problem(`argument(s) must be one of the following: ${parameter.choices.join(', ')}`);
    case 'integer':
    case 'memory':
    case 'memoryOrPercent':
      return normaliseNumber(parameter, value);
    case 'events': {
      const classes = parseEventClasses(value);
      return classes === undefined ? new Problem(`Invalid event class character. Use '${eventLetters}'.`) : showEventClasses(classes);
    }
    case 'outputLimits': {
      try {
        return showOutputLimits(parseOutputLimits(value, outputLimits));
      } catch (error) {
        return new Problem((error as Error).message);
      }
    }
    case 'percentiles':
      return normalisePercentiles(value);
    case 'savePoints':
      return normaliseSavePoints(value);
  }
}

const notANumber = {
  integer: new Problem("argument couldn't be parsed into an integer"),
  memory: new Problem('argument must be a memory value'),
  memoryOrPercent: new Problem('argument must be a memory or percent value'),
} as const;

function normaliseNumber({ type, min, max }: Parameter & { type: keyof typeof notANumber }, value: string): string | Problem {
  if (type === 'memoryOrPercent' && value.endsWith('%')) return normalisePercent(value);
  const number = type === 'integer' ? parseInt64(Buffer.from(value)) : parseMemory(value);
  if (number === undefined) return notANumber[type];
  // Where Redis has the largest 64-bit number as its bound, that is what its clients are told.
  const shownMax = max === Number.MAX_SAFE_INTEGER ? 2n ** 63n - 1n : max;
  if (number < min || number > max) return new Problem(`argument must be between ${min} and ${shownMax} inclusive`);
  return String(number);
}

/** How much of `maxmemory`, at most all of it. */
function normalisePercent(value: string): string | Problem {
  const percent = parseInt64(Buffer.from(value.slice(0, -1)));
  if (percent === undefined || percent < 0n) return notANumber.memoryOrPercent;
  return percent > 100n ? new Problem('percentage argument must be less or equal to 100') : `${percent}%`;
}

function normalisePercentiles(value: string): string | Problem {
  const shown: string[] = [];
  for (const word of wordsOf(value)) {
    const number = Number(word);
    if (Number.isNaN(number)) return new Problem('Invalid latency-tracking-info-percentiles parameters');
    if (number < 0 || number > 100) return new Problem('latency-tracking-info-percentiles parameters should sit between [0.0,100.0]');
    shown.push(String(number));
  }
  return shown.join(' ');
}

function normaliseSavePoints(value: string): string | Problem {
  const words = wordsOf(value);
  const areNumbers = words.every((word, index) => /^\d{1,10}$/u.test(word) && (index % 2 === 1 || Number(word) >= 1));
  return words.length % 2 === 0 && areNumbers ? words.join(' ') : new Problem('Invalid save parameters');
}

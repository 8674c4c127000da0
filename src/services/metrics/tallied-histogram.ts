// A Prometheus histogram whose observations are plain additions: they are on the path of every request, where
// prom-client's own (it hashes labels and checks values at each) took a tenth of the gateway's time. Rendered as
// "Text-based format" in Prometheus' manual, "Exposition formats".

export type TalliedHistogramOptions = {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Upper bounds of the buckets, ascending; one without a bound follows. */
  readonly bounds: readonly number[];
};

/** What was observed under one set of labels. */
export class Tally {
  readonly #bounds: readonly number[];
  /** One more than there are bounds; not cumulative. */
  readonly #buckets: number[];
  #sum = 0;
  #count = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#buckets = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > this.#bounds[bucket]!) bucket++;
    this.#buckets[bucket]! += 1;
    this.#sum += value;
    this.#count += 1;
  }

  /** The lines of one histogram; `labels` without braces. */
  *lines(name: string, labels: string): Generator<string> {
    let below = 0;
    for (const [bucket, count] of this.#buckets.entries()) {
      below += count;
      yield `${name}_bucket{${labels},le="${this.#bounds[bucket] ?? '+Inf'}"} ${below}`;
    }
    yield `${name}_sum{${labels}} ${this.#sum}`;
    yield `${name}_count{${labels}} ${this.#count}`;
  }
}

export class TalliedHistogram {
  readonly #options: TalliedHistogramOptions;
  /** By the text of their labels. */
  readonly #tallies = new Map<string, Tally>();

  constructor(options: TalliedHistogramOptions) {
    this.#options = options;
  }

  /** Where to observe what has these values of the labels, one for each name. Whoever observes often keeps it. */
  labelled(...values: readonly string[]): Tally {
    const labels = this.#options.labelNames.map((name, index) => `${name}="${escaped(values[index] ?? '')}"`).join(',');
    let tally = this.#tallies.get(labels);
    if (tally === undefined) this.#tallies.set(labels, (tally = new Tally(this.#options.bounds)));
    return tally;
  }

  render(): string {
    const { name, help } = this.#options;
    const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
    for (const [labels, tally] of this.#tallies) lines.push(...tally.lines(name, labels));
    return `${lines.join('\n')}\n`;
  }
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

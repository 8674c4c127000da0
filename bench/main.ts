// npm run bench -- NAME [options]: runs one benchmark. Each prints the machine, the versions and ratios from one run.

type Benchmark = { readonly main: (args: readonly string[]) => Promise<void> };

/** A benchmark is a file and one line here. */
const benchmarks: Readonly<Record<string, () => Promise<Benchmark>>> = {
  documents: () => import('./documents.ts'),
  engine: () => import('./engine.ts'),
  http: () => import('./http.ts'),
  'idle-connections': () => import('./idle-connections.ts'),
  keyvalue: () => import('./keyvalue.ts'),
  relational: () => import('./relational.ts'),
};

const [name = '', ...args] = process.argv.slice(2);
const benchmark = benchmarks[name];
if (benchmark === undefined) {
  console.error(`usage: npm run bench -- NAME [options], with NAME one of: ${Object.keys(benchmarks).join(', ')}`);
  process.exit(2);
}

const { main } = await benchmark();
await main(args);

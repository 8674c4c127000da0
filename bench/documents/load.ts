// Loads many documents with insertMany: what the gateway's memory does meanwhile, and how long it takes to count them.

import type { MongoClient } from 'mongodb';
import { statement } from '../../src/engine/client.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { memoryOf } from '../process-memory.ts';
import { median } from '../report.ts';
import type { Plain } from './plain.ts';
import { collectionOf, thing } from './works.ts';

const batch = 1_000;
const most = 1.1;
const countAll = statement('select count(*) from bench.things');

type Loading = { readonly client: MongoClient; readonly plain: Plain; readonly engine: Engine; readonly pid: number; readonly documents: number; readonly rounds: number };

export async function load({ client, plain, engine, pid, documents, rounds }: Loading): Promise<void> {
  const things = collectionOf(client, 'things');
  const startedAt = performance.now();
  for (let at = 0; at < documents; at += batch) {
    await things.insertMany(Array.from({ length: batch }, (_, index) => thing(at + index)));
    if ((at + batch) % (documents / 10) !== 0) continue;
    const seconds = (performance.now() - startedAt) / 1_000;
    const megabytes = Math.round(memoryOf([pid]).residentBytes / 2 ** 20);
    console.log(`${(at + batch).toLocaleString('en').padStart(11)} documents, ${Math.round((at + batch) / seconds).toLocaleString('en')} a second, the gateway has ${megabytes} MB`);
  }
  await engine.systemPool.query('vacuum analyze bench.things');
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const through = await millisecondsOf(() => things.countDocuments({}));
    const straight = await millisecondsOf(() => plain.run(countAll, []));
    ratios.push(through / straight);
    console.log(`countDocuments({}): ${Math.round(through)} ms, straight ${Math.round(straight)} ms`);
  }
  console.log(`ratio ${median(ratios).toFixed(2)}, at most ${most}: ${median(ratios) <= most ? 'yes' : 'NO'}`);
}

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

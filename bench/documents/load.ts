// Loads many documents with insertMany: what the gateway's memory does meanwhile, and how long it takes to count them.

import type { MongoClient } from 'mongodb';
import { statement } from '../../src/engine/client.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { memoryOf } from '../process-memory.ts';
import { median } from '../report.ts';
import { type Turns, inTurns, medianSeconds, secondsOf } from '../turns.ts';
import type { Plain } from './plain.ts';
import { collectionOf, thing } from './works.ts';

const batch = 1_000;
const most = 1.1;
const countAll = statement('select count(*) from bench.things');

type Loading = { readonly client: MongoClient; readonly plain: Plain; readonly engine: Engine; readonly pid: number; readonly documents: number; readonly turns: Turns };

export async function load({ client, plain, engine, pid, documents, turns }: Loading): Promise<void> {
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
  const { through, straight } = await inTurns({ through: { portion: () => secondsOf(() => things.countDocuments({})) }, straight: { portion: () => secondsOf(() => plain.run(countAll, [])) } }, turns);
  const ratio = median(through.map(({ seconds }, round) => seconds / straight[round]!.seconds));
  console.log(`countDocuments({}): ${Math.round(1_000 * medianSeconds(through))} ms, straight ${Math.round(1_000 * medianSeconds(straight))} ms; ratio ${ratio.toFixed(2)}, at most ${most}: ${ratio <= most ? 'yes' : 'NO'}`);
}

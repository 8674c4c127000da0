// The same work on FacetDB and on SurrealDB, which runs embedded in a process of its own (bench/peers/surrealdb), in turns.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { median } from '../report.ts';
import type { Sides, Work } from './works.ts';

const folder = fileURLToPath(new URL('../peers/surrealdb/', import.meta.url));

/** Throws an error that says what to run. */
export function assertPeerIsInstalled(): void {
  if (!existsSync(join(folder, 'node_modules'))) throw new Error('SurrealDB is not installed: run npm ci --prefix bench/peers/surrealdb');
}

/** Reads the name of a work from its input, does it, and writes the seconds that it took. */
class Peer {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(count: number) {
    this.#child = spawn(process.execPath, [join(folder, 'works.mjs'), join(temporaryFolder(), 'surrealdb'), String(count)], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error('SurrealDB ended');
    return value;
  }

  async secondsOf(name: string): Promise<number> {
    this.#child.stdin!.write(`${name}\n`);
    return Number(await this.line());
  }

  stop(): void {
    this.#child.stdin!.end();
  }
}

export async function againstSurrealdb(works: readonly Work[], sides: Sides, rounds: number): Promise<void> {
  const peer = new Peer(sides.count);
  try {
    console.log(`against ${await peer.line()}; ${sides.count.toLocaleString('en')} documents, medians of ${rounds} rounds; operations a second`);
    console.log('SurrealDB runs within its client; FacetDB is asked over sockets by the driver, as its users do\n');
    console.log(`${''.padEnd(28)}${'FacetDB/s'.padStart(11)}${'SurrealDB/s'.padStart(13)}   ratio`);
    for (const work of works) {
      if (work.overSurrealdb === undefined) continue;
      const seconds: Record<'facet' | 'peer', number[]> = { facet: [], peer: [] };
      for (let round = 0; round < rounds; round++) {
        const startedAt = performance.now();
        await work.facet(sides);
        seconds.facet.push((performance.now() - startedAt) / 1_000);
        seconds.peer.push(await peer.secondsOf(work.name));
      }
      const rate = (side: keyof typeof seconds): string => Math.round(work.operations(sides) / median(seconds[side])).toLocaleString('en');
      const ratio = median(seconds.facet.map((time, round) => seconds.peer[round]! / time));
      console.log(`${work.name.padEnd(28)}${rate('facet').padStart(11)}${rate('peer').padStart(13)}   ${ratio.toFixed(2).padStart(5)}   at least ${work.overSurrealdb.toFixed(1)}: ${ratio >= work.overSurrealdb ? 'yes' : 'NO'}`);
    }
  } finally {
    peer.stop();
  }
}

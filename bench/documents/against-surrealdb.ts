// The same work on FacetDB and on SurrealDB, which runs embedded in a process of its own (bench/peers/surrealdb), in turns.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { median } from '../report.ts';
import { type Turns, inTurns, medianSeconds, secondsOf } from '../turns.ts';
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

  /** Its data is thrown away: it need not close it, which may take for ever. */
  stop(): void {
    this.#child.kill();
  }
}

type Comparison = { readonly sides: Sides; readonly turns: Turns; readonly turnsText: string };

export async function againstSurrealdb(works: readonly Work[], { sides, turns, turnsText }: Comparison): Promise<void> {
  const peer = new Peer(sides.count);
  try {
    console.log(`against ${await peer.line()}; ${turnsText}; operations a second`);
    console.log('SurrealDB runs within its client; FacetDB is asked over sockets by the driver, as its users do\n');
    console.log(`${''.padEnd(28)}${'FacetDB/s'.padStart(11)}${'SurrealDB/s'.padStart(13)}   ratio`);
    for (const work of works) {
      if (work.overSurrealdb === undefined) continue;
      const turnsOf = await inTurns({
        facet: { before: sides.forgetAdded, portion: () => secondsOf(() => work.facet(sides)) },
        peer: { before: () => peer.secondsOf(forgetAdded), portion: () => peer.secondsOf(work.name) },
      }, turns);
      const rate = (side: keyof typeof turnsOf): string => Math.round(work.operations(sides) / medianSeconds(turnsOf[side])).toLocaleString('en');
      const ratio = median(turnsOf.facet.map(({ seconds }, round) => turnsOf.peer[round]!.seconds / seconds));
      console.log(`${work.name.padEnd(28)}${rate('facet').padStart(11)}${rate('peer').padStart(13)}   ${ratio.toFixed(2).padStart(5)}   at least ${work.overSurrealdb.toFixed(1)}: ${ratio >= work.overSurrealdb ? 'yes' : 'NO'}`);
    }
  } finally {
    peer.stop();
  }
}

/** Removes what insertions have added; a name in bench/peers/surrealdb/works.mjs too. */
const forgetAdded = 'forget added';

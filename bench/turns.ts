// Sides that do the same work in turns. Before that each does it for some seconds, since a JIT compiler, caches and plans
// make the first thousands of operations several times slower than all later ones; and no side is always the first.

import { median } from './report.ts';

export type Side = {
  /** Done before each of its turns, not measured. */
  readonly before?: () => Promise<unknown>;
  /** Does some of the work; gives how many seconds that took. */
  readonly portion: () => Promise<number>;
  /** What has been used until now, of anything. */
  readonly used?: () => readonly number[];
};

/** What a portion took, on average over a turn. */
export type Turn = { readonly seconds: number; readonly used: readonly number[] };

export type Turns = { readonly rounds: number; readonly warmSeconds: number; readonly turnSeconds: number };

/** Each side's turns, one a round. */
export async function inTurns<Name extends string>(sides: Readonly<Record<Name, Side>>, { rounds, warmSeconds, turnSeconds }: Turns): Promise<Record<Name, Turn[]>> {
  const names = Object.keys(sides) as Name[];
  const turns = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Turn[]>;
  for (const name of names) await takeTurn(sides[name], warmSeconds);
  for (let round = 0; round < rounds; round++) {
    const order = names.map((_, index) => names[(index + round) % names.length]!);
    for (const name of order) turns[name].push(await takeTurn(sides[name], turnSeconds));
  }
  return turns;
}

async function takeTurn({ before, portion, used = () => [] }: Side, leastSeconds: number): Promise<Turn> {
  await before?.();
  const usedBefore = used();
  let seconds = 0;
  let portions = 0;
  while (portions === 0 || seconds < leastSeconds) {
    seconds += await portion();
    portions += 1;
  }
  return { seconds: seconds / portions, used: used().map((amount, index) => (amount - usedBefore[index]!) / portions) };
}

export function medianSeconds(turns: readonly Turn[]): number {
  return median(turns.map(({ seconds }) => seconds));
}

export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

// Waiting for something that happens on its own, with a limit.

import { setTimeout as sleep } from 'node:timers/promises';

const defaultLimitMs = 30_000;
const pollIntervalMs = 10;

/** Asks again and again until the answer is neither undefined nor false, and returns it. Rejects at the limit. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined | false>, limitMs = defaultLimitMs): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await sleep(pollIntervalMs);
  }
}

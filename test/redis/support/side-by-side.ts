// Carries a transcript out on FacetDB and on the original at once, line by line, and tells where their replies differ.

import { Buffer } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RedisAddress, RespClient, closed } from './resp-client.ts';
import { shownReply } from './resp-reply.ts';
import type { Comparison, TranscriptStep } from './redis-transcript.ts';

export type Sides<T> = { readonly facetdb: T; readonly original: T };
export type Difference = Sides<string> & { readonly line: number; readonly source: string };

type Exchange = TranscriptStep & { kind: 'exchange' };

const differencesShown = 10;
const charactersShown = 200;
const noReply = '(no reply)';

export type CompareOptions = {
  /** What connections speak, until the transcript says otherwise. */
  readonly protocol: 2 | 3;
};

/**
 * Runs it on emptied servers, over connections of its own. Resolves with every difference, up to where a server gave no
 * reply: what comes after it is out of step.
 */
export async function compareReplies(steps: readonly TranscriptStep[], addresses: Sides<RedisAddress>, { protocol }: CompareOptions): Promise<Difference[]> {
  const connections = new Connections(addresses, protocol);
  const differences: Difference[] = [];
  let isInStep = true;
  const compare = async (step: Exchange): Promise<void> => {
    const pair = await connections.current();
    const [facetdb, original] = await Promise.all([answer(pair.facetdb, step), answer(pair.original, step)]);
    isInStep = facetdb !== noReply && original !== noReply;
    if (facetdb === original && step.differs !== undefined) {
      differences.push({ line: step.line, source: step.source, facetdb: `the same, and not otherwise because ${step.differs}`, original });
    } else if (facetdb !== original && step.differs === undefined) {
      differences.push({ line: step.line, source: step.source, facetdb, original });
    }
  };
  try {
    await compare(flush);
    for (const step of steps) {
      if (!isInStep) break;
      if (step.kind === 'connection') connections.name = step.name;
      else if (step.kind === 'wait') await sleep(step.milliseconds);
      else await compare(step);
    }
  } finally {
    connections.close();
  }
  return differences;
}

/** The first of them, for an error's text. */
export function shownDifferences(differences: readonly Difference[], file: string): string {
  const shown = differences.slice(0, differencesShown).map(({ line, source, facetdb, original }) => {
    // Long replies from where they begin to differ.
    const start = Math.max(0, firstDifference(facetdb, original) - charactersShown / 2);
    return `${file}:${line}: ${shortened(source, 0)}\n    redis    ${shortened(original, start)}\n    facetdb  ${shortened(facetdb, start)}`;
  });
  return [`${differences.length} replies differ`, ...shown].join('\n');
}

const flush: Exchange = {
  line: 0,
  source: 'FLUSHALL',
  kind: 'exchange',
  request: [Buffer.from('FLUSHALL')],
  receives: true,
  comparison: 'exact',
  differs: undefined,
};

async function answer(client: RespClient, { request, receives, comparison }: Exchange): Promise<string> {
  if (Buffer.isBuffer(request)) client.sendBytes(request);
  else if (request !== undefined) client.send(request);
  if (!receives) return '(not read)';
  try {
    const reply = await client.receive();
    return reply === closed ? '(closed)' : compared(shownReply(reply, { sorted: comparison === 'unordered' }), comparison);
  } catch (error) {
    return `(${error instanceof Error ? error.message : 'failed'})`;
  }
}

function compared(shown: string, comparison: Comparison): string {
  return comparison === 'type' ? shown.slice(0, 1) : shown;
}

/** Pairs of connections by name, opened when they are first needed and again when a server has hung up. */
class Connections {
  name = 'main';
  readonly #addresses: Sides<RedisAddress>;
  readonly #protocol: 2 | 3;
  readonly #pairs = new Map<string, Sides<RespClient>>();

  constructor(addresses: Sides<RedisAddress>, protocol: 2 | 3) {
    this.#addresses = addresses;
    this.#protocol = protocol;
  }

  async current(): Promise<Sides<RespClient>> {
    const open = this.#pairs.get(this.name);
    if (open !== undefined && !open.facetdb.isClosed && !open.original.isClosed) return open;
    if (open !== undefined) close(open);
    const { facetdb, original } = this.#addresses;
    const pair = { facetdb: await RespClient.connect(facetdb), original: await RespClient.connect(original) };
    if (this.#protocol === 3) await Promise.all([pair.facetdb.call('HELLO', '3'), pair.original.call('HELLO', '3')]);
    this.#pairs.set(this.name, pair);
    return pair;
  }

  close(): void {
    for (const pair of this.#pairs.values()) close(pair);
  }
}

function close({ facetdb, original }: Sides<RespClient>): void {
  facetdb.close();
  original.close();
}

function firstDifference(left: string, right: string): number {
  let index = 0;
  while (index < left.length && left[index] === right[index]) index++;
  return index;
}

function shortened(text: string, start: number): string {
  const part = text.slice(start, start + charactersShown);
  return `${start > 0 ? '…' : ''}${part}${start + charactersShown < text.length ? '…' : ''}`;
}

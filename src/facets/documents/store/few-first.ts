// A query without a limit often finds few documents, by an index. A cursor would take a connection of its own and four
// statements for them; so such a query first asks for no more than a first batch holds, together with the small queries of
// others (query-group.ts). Where that is not all, a cursor begins from the front: the documents come from one statement or
// from the other, never from both.

import type { RawSource } from './raw-source.ts';
import { sourceOf } from './raw-source.ts';

/** As many documents as a first batch has where the client leaves it open. */
export const fewDocuments = 101;

export type FewFirst = {
  /** At most `fewDocuments` and one, or all; undefined where it has to be asked otherwise. */
  readonly few: () => Promise<readonly Buffer[] | undefined>;
  readonly all: () => RawSource;
};

export function fewFirst({ few, all }: FewFirst): RawSource {
  return new FewFirstSource({ few, all });
}

class FewFirstSource implements RawSource {
  readonly #parts: FewFirst;
  #source: RawSource | undefined;

  constructor(parts: FewFirst) {
    this.#parts = parts;
  }

  async next(count: number): Promise<readonly Buffer[]> {
    this.#source ??= await this.#open();
    return await this.#source.next(count);
  }

  get isExhausted(): boolean {
    return this.#source?.isExhausted ?? false;
  }

  async close(): Promise<void> {
    await this.#source?.close();
  }

  async #open(): Promise<RawSource> {
    const found = await this.#parts.few();
    return found === undefined || found.length > fewDocuments ? this.#parts.all() : sourceOf(found);
  }
}

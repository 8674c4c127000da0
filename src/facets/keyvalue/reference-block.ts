// References for new collections, taken from the store's sequence a block at a time. A reference only tells one
// collection's rows from another's; gaps do not matter.

import type { Connection } from '../../engine/client.ts';
import { statement } from '../../engine/client.ts';
import { keyvalueLimits } from './limits.ts';

const nextBlock = statement(`select nextval('facetdb.collection_reference')`);

export class ReferenceBlock {
  #next = 0;
  #end = 0;

  /** A reference that nobody else has, or undefined when `fetch` is due. */
  take(): number | undefined {
    return this.#next < this.#end ? this.#next++ : undefined;
  }

  async fetch(connection: Connection): Promise<void> {
    await connection.execute([
      {
        statement: nextBlock,
        values: [],
        onRow: (row) => {
          this.#next = row.safeInteger(0);
          this.#end = this.#next + keyvalueLimits.referenceBlock;
        },
      },
    ]);
  }
}

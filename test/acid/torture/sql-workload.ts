// Notes and transfers between accounts, through SQL (load.ts, ledger.ts).

import { withClient } from '../../support/with-client.ts';
import { Journal } from './journal.ts';
import { createLedger, type Settled, settle, violations } from './ledger.ts';
import { isConnectionLost, startLoad } from './load.ts';
import type { Workload } from './workload.ts';

export function sqlWorkload(): Workload {
  const journal = new Journal();
  let settled: Settled | undefined;
  return {
    prepare: (urls) => withClient(urls.postgres, createLedger),
    start: (urls, { clients, random }) => startLoad({ url: urls.postgres, clients, journal, random }),
    isReachable: (urls) =>
      withClient(urls.postgres, () => Promise.resolve(true)).catch((error: unknown) => {
        if (isConnectionLost(error)) return false;
        throw error;
      }),
    check: async (urls) => {
      const found = await withClient(urls.postgres, (client) => violations(client, journal, settled));
      const verdict = { acknowledged: journal.idsOf('acknowledged').length, unanswered: journal.idsOf('asked').length, violations: found };
      settled = await withClient(urls.postgres, (client) => settle(client, journal));
      return verdict;
    },
  };
}

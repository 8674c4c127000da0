// What torture needs of a load: how it begins, runs, and is held against the store afterwards.

import type { ServerUrls } from '../../support/server.ts';
import type { Load } from './load.ts';
import type { Random } from './random.ts';

export type Verdict = {
  readonly acknowledged: number;
  /** What was asked for and not answered: it may have happened or not. */
  readonly unanswered: number;
  /** Everything that is wrong, one line each. */
  readonly violations: readonly string[];
};

export type Workload = {
  /** On a new, empty server. */
  readonly prepare: (urls: ServerUrls) => Promise<void>;
  readonly start: (urls: ServerUrls, options: { readonly clients: number; readonly random: Random }) => Promise<Load>;
  /** False while the server is still coming back. */
  readonly isReachable: (urls: ServerUrls) => Promise<boolean>;
  /** Holds the store against what the clients were told, and takes it, as it is now, for what must stay. */
  readonly check: (urls: ServerUrls) => Promise<Verdict>;
};

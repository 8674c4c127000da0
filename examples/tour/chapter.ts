// A chapter of the tour: one data model, shown by a driver that people already use. It cleans up after itself, also when it
// fails half-way.

import type { Screen } from './screen.ts';

export type Visit = {
  /** The server's URLs by protocol, with a password where one is needed. */
  readonly urls: Readonly<Record<string, string>>;
  readonly screen: Screen;
  /** Aborted when the visitor wants to leave; asked between two steps. */
  readonly signal: AbortSignal;
};

export type Chapter = {
  readonly title: string;
  readonly run: (visit: Visit) => Promise<void>;
};

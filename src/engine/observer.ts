// What the engine tells whoever measures it. Calls are synchronous and must be cheap: they are on the hot path.

export type EngineObserver = {
  /** A group of requests of one kind (`keys`, `documents`, …) went to PostgreSQL as one statement. */
  groupSent(kind: string, size: number): void;
};

/** For an engine that nobody measures. */
export const noObserver: EngineObserver = { groupSent() {} };

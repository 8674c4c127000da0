// What protocols tell whoever measures them. Calls are synchronous and must be cheap: they are on the hot path.

export type ProtocolObserver = {
  connectionOpened(protocol: string): void;
  connectionClosed(protocol: string): void;
  /** One request was answered. `operation` comes from a small, fixed set: a route, a command's name. */
  requestDone(protocol: string, request: { readonly operation: string; readonly outcome: 'ok' | 'error'; readonly seconds: number }): void;
};

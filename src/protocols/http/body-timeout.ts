// The time that a body may take. Node.js bounds all requests alike; streams of rows may go on for as long as they move.

import type { Readable } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { httpLimits } from './limits.ts';

class TooSlow extends Error {
  readonly statusCode = 408;
}

function expireAfter(stream: Readable): NodeJS.Timeout {
  return setTimeout(() => stream.destroy(new TooSlow('the body did not come in time')), httpLimits.requestTimeoutMs);
}

/** Ends the request where its body is not there in time. */
export function boundBody(request: IncomingMessage): void {
  if (request.complete) return;
  const timer = expireAfter(request);
  const clear = (): void => clearTimeout(timer);
  request.once('end', clear);
  request.once('close', clear);
}

/** The pieces of a stream, each in time. */
export async function* piecesInTime(stream: Readable): AsyncGenerator<Buffer> {
  const timer = expireAfter(stream);
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      timer.refresh();
      yield piece;
      // What the store takes is not the client's time.
      timer.refresh();
    }
  } finally {
    clearTimeout(timer);
  }
}

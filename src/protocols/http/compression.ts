// Replies in gzip for those who accept it: large ones, and streams piece by piece as they come. What has an entity tag goes as
// it is, since a strong tag stands for the very bytes (RFC 9110, "Entity Tag Comparison").

import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createGzip, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { httpLimits } from './limits.ts';

const compress = promisify(gzip);
const compressible = /^(?:text\/|application\/(?:[\w.-]+\+)?json|application\/x-ndjson|image\/svg)/i;

export function addCompression(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload: unknown, done) => {
    const accepted = request.headers['accept-encoding'];
    if (accepted === undefined || !mayBeCompressed(reply, payload) || !isWanted(accepted)) return done(null, payload);
    void reply.removeHeader('content-length').headers({ 'content-encoding': 'gzip', vary: withVary(reply) });
    if (payload instanceof Readable) {
      const zip = createGzip({ level: httpLimits.compressionLevel, flush: constants.Z_SYNC_FLUSH });
      payload.once('error', (error) => zip.destroy(error));
      zip.once('close', () => payload.destroy());
      return done(null, payload.pipe(zip));
    }
    compress(payload as string | Buffer, { level: httpLimits.compressionLevel }).then((zipped) => done(null, zipped), (error: Error) => done(error));
  });
}

/** `gzip;q=0` refuses it. */
function isWanted(header: string | string[]): boolean {
  return String(header).split(',').some((part) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(part));
}

function mayBeCompressed(reply: FastifyReply, payload: unknown): boolean {
  if (reply.hasHeader('etag') || reply.hasHeader('content-encoding') || !compressible.test(String(reply.getHeader('content-type') ?? ''))) return false;
  if (payload instanceof Readable) return true;
  return (typeof payload === 'string' || Buffer.isBuffer(payload)) && payload.length >= httpLimits.compressedBytesMin;
}

function withVary(reply: FastifyReply): string {
  const known = reply.getHeader('vary');
  return known === undefined ? 'accept-encoding' : `${String(known)}, accept-encoding`;
}

// The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding, for the protocols whose clients prove
// a password instead of sending it. What the client's proof gives away to a server (the client key) is what logs in to
// PostgreSQL as the role.

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ScramKeys } from '../engine/client.ts';
import { FacetError } from '../kernel/errors.ts';
import { accessLimits } from './limits.ts';
import type { ScramVerifier } from './scram-verifier.ts';

/** What a client's first message says. */
export type ClientFirst = {
  readonly user: string;
  readonly clientNonce: string;
  /** The message without its header, which is part of what is signed. */
  readonly bare: string;
};

/** Reads `n,,n=user,r=nonce`. Errors: `authentication_failed` for anything malformed, and for channel binding. */
export function readClientFirst(message: string): ClientFirst {
  if (message.length > accessLimits.scramMessageLength) throw malformed('the message is too long');
  const [, binding, bare = ''] = /^([ny]|p=[^,]*),(?:a=[^,]*)?,(.*)$/su.exec(message) ?? [];
  if (binding === undefined) throw malformed('the client-first-message has no GS2 header');
  if (binding.startsWith('p=')) throw malformed('channel binding is not offered');
  const [, name, clientNonce] = /^n=([^,]*),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?$/u.exec(bare) ?? [];
  if (name === undefined || clientNonce === undefined) throw malformed('the client-first-message lacks a name or a nonce');
  return { user: nameOf(name), clientNonce, bare };
}

export type ScramExchangeOptions = {
  readonly first: ClientFirst;
  readonly verifier: ScramVerifier;
  /** Default: a new random one. */
  readonly serverNonce?: string;
};

/** One login: `serverFirst` answers the client's first message, `finish` its second. */
export class ScramExchange {
  readonly serverFirst: string;
  readonly #first: ClientFirst;
  readonly #verifier: ScramVerifier;
  readonly #nonce: string;

  constructor({ first, verifier, serverNonce = randomBytes(24).toString('base64') }: ScramExchangeOptions) {
    this.#first = first;
    this.#verifier = verifier;
    this.#nonce = first.clientNonce + serverNonce;
    this.serverFirst = `r=${this.#nonce},s=${verifier.salt.toString('base64')},i=${verifier.iterations}`;
  }

  /**
   * Reads `c=biws,r=nonce,p=proof`. Gives the message that proves the server to the client, and the keys; undefined where
   * the proof is wrong. Errors: `authentication_failed` for a malformed message.
   */
  finish(clientFinal: string): { readonly serverFinal: string; readonly keys: ScramKeys } | undefined {
    if (clientFinal.length > accessLimits.scramMessageLength) throw malformed('the message is too long');
    const [, withoutProof, header, nonce, proof] = /^(c=([A-Za-z0-9+/=]+),r=([^,]+)(?:,.*)?),p=([A-Za-z0-9+/]{43}=)$/u.exec(clientFinal) ?? [];
    if (withoutProof === undefined || proof === undefined) throw malformed('the client-final-message lacks its proof');
    // "biws" and "eSws" are `n,,` and `y,,`: no channel binding.
    if (header !== 'biws' && header !== 'eSws') throw malformed('the client-final-message has another GS2 header');
    if (nonce !== this.#nonce) throw malformed('the nonce is not the one of this exchange');
    const signed = `${this.#first.bare},${this.serverFirst},${withoutProof}`;
    const { storedKey, serverKey } = this.#verifier;
    const clientSignature = hmac(storedKey, signed);
    const clientKey = Buffer.from(proof, 'base64').map((byte, index) => byte ^ clientSignature[index]!);
    if (!timingSafeEqual(createHash('sha256').update(clientKey).digest(), storedKey)) return undefined;
    return { serverFinal: `v=${hmac(serverKey, signed).toString('base64')}`, keys: { clientKey: Buffer.from(clientKey), serverKey } };
  }
}

/** RFC 5802: a comma and an equals sign travel as `=2C` and `=3D`; no other `=` may stand in a name. */
function nameOf(encoded: string): string {
  if (/=(?!2C|3D)/u.test(encoded)) throw malformed('the name is not encoded as SCRAM asks');
  return encoded.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

function malformed(what: string): FacetError {
  return new FacetError('authentication_failed', what);
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

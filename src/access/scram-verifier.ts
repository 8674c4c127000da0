// SCRAM-SHA-256 verifiers as PostgreSQL keeps them in pg_authid: made, read, and held against a password.
// RFC 5802 and RFC 7677; the text form and the SASLprep rule follow PostgreSQL's scram-common.c and saslprep.c.

import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { saslprep } from '@mongodb-js/saslprep';
import type { ScramKeys } from '../engine/client.ts';
import { accessLimits } from './limits.ts';

const derive = promisify(pbkdf2);
const keyBytes = 32;
const verifierText = /^SCRAM-SHA-256\$(\d{1,10}):([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]{43}=):([A-Za-z0-9+/]{43}=)$/;

/** What a SCRAM server needs of a password: enough to check it, not enough to log in with it. */
export type ScramVerifier = {
  readonly iterations: number;
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
};

/** Makes the verifier of a password in clear, with a salt of its own. */
export async function createVerifier(password: string, options: { iterations?: number; salt?: Buffer } = {}): Promise<ScramVerifier> {
  const { iterations = accessLimits.scramIterations, salt = randomBytes(accessLimits.scramSaltBytes) } = options;
  const { clientKey, serverKey } = await deriveKeys(password, { salt, iterations });
  return { iterations, salt, storedKey: sha256(clientKey), serverKey };
}

/** The text that `CREATE ROLE … PASSWORD` takes and pg_authid.rolpassword holds. */
export function formatVerifier({ iterations, salt, storedKey, serverKey }: ScramVerifier): string {
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey.toString('base64')}:${serverKey.toString('base64')}`;
}

/** Reads that text; undefined for anything else, such as an MD5 hash. */
export function parseVerifier(text: string): ScramVerifier | undefined {
  const [, iterations, salt, storedKey, serverKey] = verifierText.exec(text) ?? [];
  if (iterations === undefined || salt === undefined || storedKey === undefined || serverKey === undefined) return undefined;
  if (Number(iterations) < 1 || Number(iterations) > 0x7fffffff) return undefined;
  return {
    iterations: Number(iterations),
    salt: Buffer.from(salt, 'base64'),
    storedKey: Buffer.from(storedKey, 'base64'),
    serverKey: Buffer.from(serverKey, 'base64'),
  };
}

/** The keys that prove the password, or undefined where it is not the verifier's. Costs the verifier's hash rounds. */
export async function verifyPassword(password: string, verifier: ScramVerifier): Promise<ScramKeys | undefined> {
  const keys = await deriveKeys(password, verifier);
  return timingSafeEqual(sha256(keys.clientKey), verifier.storedKey) ? keys : undefined;
}

const mockSecret = randomBytes(keyBytes);

/**
 * A verifier that no password fits, for a role that does not exist: checking against it costs as much as against a real
 * one, and a role name always gets the same salt, so that neither tells which roles exist.
 */
export function mockVerifier(role: string): ScramVerifier {
  const salt = hmac(mockSecret, role).subarray(0, accessLimits.scramSaltBytes);
  return { iterations: accessLimits.scramIterations, salt, storedKey: hmac(mockSecret, 'stored'), serverKey: hmac(mockSecret, 'server') };
}

async function deriveKeys(password: string, { salt, iterations }: { salt: Buffer; iterations: number }): Promise<ScramKeys> {
  const salted = await derive(prepare(password), salt, iterations, keyBytes, 'sha256');
  return { clientKey: hmac(salted, 'Client Key'), serverKey: hmac(salted, 'Server Key') };
}

/** SASLprep (RFC 4013); a password that it refuses, or of which nothing is left, is used as it is. */
function prepare(password: string): string {
  try {
    return saslprep(password) || password;
  } catch {
    return password;
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

// The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) as PostgreSQL speaks it, without channel binding.
// It authenticates with a password, or with the keys that a server learns when a client proves its password to it.

import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { saslprep } from '@mongodb-js/saslprep';
import { FacetError } from '../../kernel/errors.ts';

const derive = promisify(pbkdf2);

/** What stands in for the password: enough to log in as its owner, not to know it. */
export type ScramKeys = { readonly clientKey: Buffer; readonly serverKey: Buffer };

/** The message to send, and what the server's final message must be. */
export type ScramExchange = { readonly clientFirst: string; readonly answer: (serverFirst: string) => Promise<ScramProof> };
export type ScramProof = { readonly clientFinal: string; readonly verify: (serverFinal: string) => void };

/** Begins an exchange. `secret`: the password in clear, or keys made with the same salt and iterations as the verifier. */
export function beginScram(secret: string | ScramKeys): ScramExchange {
  const clientNonce = randomBytes(18).toString('base64');
  const clientFirstBare = `n=,r=${clientNonce}`;
  return {
    clientFirst: `n,,${clientFirstBare}`,
    answer: async (serverFirst) => {
      const { r: nonce, s: salt, i: iterations } = readAttributes(serverFirst);
      if (nonce === undefined || salt === undefined || iterations === undefined || !nonce.startsWith(clientNonce)) {
        throw new FacetError('authentication_failed', 'the server sent a malformed SCRAM message');
      }
      const keys = typeof secret === 'string' ? await deriveKeys(secret, Buffer.from(salt, 'base64'), Number(iterations)) : secret;
      const withoutProof = `c=biws,r=${nonce}`;
      const authMessage = `${clientFirstBare},${serverFirst},${withoutProof}`;
      const storedKey = createHash('sha256').update(keys.clientKey).digest();
      const proof = hmac(storedKey, authMessage).map((byte, index) => byte ^ keys.clientKey[index]!);
      const serverSignature = hmac(keys.serverKey, authMessage);
      return {
        clientFinal: `${withoutProof},p=${Buffer.from(proof).toString('base64')}`,
        verify: (serverFinal) => {
          const given = Buffer.from(readAttributes(serverFinal)['v'] ?? '', 'base64');
          if (given.length !== serverSignature.length || !timingSafeEqual(given, serverSignature)) {
            throw new FacetError('authentication_failed', 'the server could not prove that it knows the password');
          }
        },
      };
    },
  };
}

/** SCRAM's keys of a password; PostgreSQL uses a password that SASLprep refuses as it is. */
async function deriveKeys(password: string, salt: Buffer, iterations: number): Promise<ScramKeys> {
  const salted = await derive(prepare(password), salt, iterations, 32, 'sha256');
  return { clientKey: hmac(salted, 'Client Key'), serverKey: hmac(salted, 'Server Key') };
}

function prepare(password: string): string {
  try {
    return saslprep(password);
  } catch {
    return password;
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function readAttributes(message: string): Record<string, string | undefined> {
  return Object.fromEntries(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}

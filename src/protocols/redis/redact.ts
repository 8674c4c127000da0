// Takes passwords out of a request before it is shown (MONITOR, SLOWLOG).

import type { Buffer } from 'node:buffer';
import type { Command } from './command.ts';

const hidden = '(redacted)';

/** The request with a string in place of each argument that may be a secret. */
export function redacted(command: Command, request: readonly Buffer[]): readonly (Buffer | string)[] {
  switch (command.name) {
    case 'auth':
      return request.map((argument, index) => (index === 0 ? argument : hidden));
    case 'hello':
      return hideAfter(request, 'auth', 2);
    case 'migrate':
      return hideAfter(hideAfter(request, 'auth', 1), 'auth2', 2);
    case 'config|set':
      return request.map((argument, index) => (index >= 3 && index % 2 === 1 && isSecret(request[index - 1]!) ? hidden : argument));
    case 'acl':
    case 'facetdb|join':
      return request.map((argument, index) => (index < 2 ? argument : hidden));
    default:
      return request;
  }
}

function hideAfter(request: readonly (Buffer | string)[], word: string, count: number): (Buffer | string)[] {
  const at = request.findIndex((argument, index) => index > 0 && typeof argument !== 'string' && argument.toString('latin1').toLowerCase() === word);
  return request.map((argument, index) => (at > 0 && index > at && index <= at + count ? hidden : argument));
}

function isSecret(name: Buffer): boolean {
  return /^(?:requirepass|masterauth|masteruser|tls-key-file-pass|tls-client-key-file-pass)$/iu.test(name.toString('latin1'));
}

// The addresses and the port that PostgreSQL will listen on for clients, tried out before it starts: PostgreSQL only
// warns when some of its addresses are taken.

import { lookup } from 'node:dns/promises';
import { createServer, isIP } from 'node:net';
import { FacetError, systemErrorCode } from '../../kernel/errors.ts';

export type ListenRequest = {
  /** A name, a numeric address, or `*` for every address. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** The option that the port comes from, for the errors' texts. */
  readonly option: string;
};

export type ListenAddress = {
  /** Numeric, at least one. */
  readonly addresses: readonly string[];
  readonly port: number;
};

/**
 * Numeric addresses of this machine and a port that is free on each of them at this moment. `port_taken`;
 * `configuration_invalid` for a host that is not this machine or a port that this user may not use.
 */
export async function findListenAddress(request: ListenRequest): Promise<ListenAddress> {
  const addresses: string[] = [];
  let port = request.port;
  for (const address of await numericAddresses(request.host)) {
    try {
      port = await tryListening(address, port);
      addresses.push(address);
    } catch (error) {
      const code = systemErrorCode(error);
      // A machine without IPv6 still has the name `localhost` for ::1.
      if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') continue;
      throw listenError({ ...request, port }, address, error);
    }
  }
  if (addresses.length === 0) throw new FacetError('configuration_invalid', `${request.host} is not an address of this machine; choose another with --host`);
  return { addresses, port };
}

/** The error for an address that could not be listened on. */
function listenError({ port, option }: ListenRequest, address: string, cause: unknown): FacetError {
  const code = systemErrorCode(cause);
  if (code === 'EADDRINUSE') return portTaken({ port, option }, address, cause);
  if (code === 'EACCES' || code === 'EPERM') return portForbidden({ port, option }, cause);
  return new FacetError('configuration_invalid', `cannot listen on ${address}, port ${port} (${code ?? String(cause)}); see --host and ${option}`, { cause });
}

export function portTaken({ port, option }: Pick<ListenRequest, 'port' | 'option'>, address: string, cause?: unknown): FacetError {
  return new FacetError('port_taken', `another program listens on port ${port} of ${address}; choose another port with ${option} (0 picks a free one, off goes without)`, { cause });
}

export function portForbidden({ port, option }: Pick<ListenRequest, 'port' | 'option'>, cause?: unknown): FacetError {
  return new FacetError('configuration_invalid', `PostgreSQL's user may not listen on port ${port}; choose one above 1023 with ${option}`, { cause });
}

async function numericAddresses(host: string): Promise<string[]> {
  if (host === '*') return ['0.0.0.0', '::'];
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) !== 0) return [bare];
  try {
    const found = await lookup(bare, { all: true });
    return [...new Set(found.map(({ address }) => address))];
  } catch (error) {
    throw new FacetError('configuration_invalid', `the host name ${host} is not known (${systemErrorCode(error) ?? 'no answer'}); choose another with --host`, { cause: error });
  }
}

/** Listens for a moment; returns the port. */
function tryListening(address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    // PostgreSQL's sockets for IPv6 do not serve IPv4 either.
    server.listen({ host: address, port, exclusive: true, ipv6Only: isIP(address) === 6 }, () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : port));
    });
  });
}

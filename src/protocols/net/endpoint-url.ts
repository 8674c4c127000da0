// The URLs that are printed for people to paste.

import { isIPv6 } from 'node:net';

export type Endpoint = {
  /** `postgres`, `http`, `https`, … */
  readonly scheme: string;
  /** The address that is listened on. */
  readonly host: string;
  readonly port: number;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Without a slash in front. */
  readonly path?: string;
  readonly parameters?: Readonly<Record<string, string>>;
};

/** The endpoint's URL; a listener on all addresses is shown by the loopback one, which a client here can connect to. */
export function endpointUrl({ scheme, host, port, user, password, path, parameters = {} }: Endpoint): string {
  const login = user === undefined ? '' : `${encodeURIComponent(user)}${password === undefined ? '' : `:${encodeURIComponent(password)}`}@`;
  const query = new URLSearchParams(parameters).toString();
  return `${scheme}://${login}${urlHost(host)}:${port}${path === undefined ? '' : `/${encodeURIComponent(path)}`}${query && `?${query}`}`;
}

function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return isIPv6(host) ? `[${host}]` : host;
}

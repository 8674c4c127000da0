// Connection URLs of an external PostgreSQL, with libpq's grammar and parameter names ("Connection URIs"), several
// hosts included. What FacetDB does not know is refused by name.

import { readFileSync } from 'node:fs';
import { FacetError } from '../kernel/errors.ts';
import type { Address, TlsOptions } from './wire/socket.ts';

const targetSessionAttributes = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const;
export type TargetSessionAttribute = (typeof targetSessionAttributes)[number];

export type ConnectionTarget = {
  /** Tried in this order. */
  readonly addresses: readonly Address[];
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  readonly tls: TlsOptions | undefined;
  readonly targetSessionAttributes: TargetSessionAttribute;
  readonly connectTimeoutMs: number | undefined;
  readonly applicationName: string | undefined;
  /** The URL without its password, for people and logs. */
  readonly display: string;
};

const shape = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/u;
const knownParameters = new Set([
  'application_name', 'connect_timeout', 'dbname', 'host', 'password', 'port', 'sslmode', 'sslrootcert', 'target_session_attrs', 'user',
]);
const tlsModes = ['prefer', 'require', 'verify-ca', 'verify-full'] as const;

/** Reads `postgres://user:password@host:port,host:port/database?parameter=value`. Errors: `configuration_invalid`. */
export function parseConnectionUrl(url: string): ConnectionTarget {
  const match = shape.exec(url);
  if (match === null) throw invalid('it does not have the form postgres://user:password@host:port/database');
  const [, userInfo = '', hostList = '', path = '', query = ''] = match;
  const parameters = readParameters(query);
  const [urlUser, urlPassword] = splitOnce(userInfo, ':');
  const user = decode(urlUser) || parameters.get('user');
  if (user === undefined || user === '') throw invalid('it names no user');
  const password = urlPassword === undefined ? parameters.get('password') : decode(urlPassword);
  const database = decode(path) || parameters.get('dbname') || user;
  const addresses = readAddresses(hostList, parameters);
  const attribute = parameters.get('target_session_attrs') ?? 'any';
  if (!isOneOf(targetSessionAttributes, attribute)) {
    throw invalid(`target_session_attrs=${attribute}: it is one of ${targetSessionAttributes.join(', ')}`);
  }
  return {
    addresses,
    user,
    password,
    database,
    tls: readTls(parameters),
    targetSessionAttributes: attribute,
    connectTimeoutMs: readTimeout(parameters.get('connect_timeout')),
    applicationName: parameters.get('application_name'),
    display: displayOf(url, userInfo),
  };
}

function readParameters(query: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const [name, value = ''] = splitOnce(part, '=');
    if (!knownParameters.has(decode(name))) throw invalid(`FacetDB does not know its parameter ${decode(name)}`);
    parameters.set(decode(name), decode(value));
  }
  return parameters;
}

function readAddresses(hostList: string, parameters: ReadonlyMap<string, string>): Address[] {
  const hosts = hostList === '' ? (parameters.get('host') ?? 'localhost').split(',') : hostList.split(',');
  const ports = parameters.get('port')?.split(',') ?? [];
  return hosts.map((entry, index) => {
    const bracketed = /^\[([0-9a-f:.%a-z]+)\](?::(\d*))?$/iu.exec(entry);
    const [name, ownPort] = bracketed === null ? splitOnce(entry, ':') : [bracketed[1]!, bracketed[2]];
    const host = decode(name) || 'localhost';
    const port = readPort(ownPort || ports[index] || (ports.length === 1 ? ports[0] : undefined) || '5432');
    return host.startsWith('/') ? { socketPath: `${host}/.s.PGSQL.${port}` } : { host, port };
  });
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/u.test(text) || port < 1 || port > 65_535) throw invalid(`${text} is not a port`);
  return port;
}

function readTls(parameters: ReadonlyMap<string, string>): TlsOptions | undefined {
  const mode = parameters.get('sslmode') ?? 'prefer';
  if (mode === 'disable') return undefined;
  if (!isOneOf(tlsModes, mode)) throw invalid(`sslmode=${mode}: it is one of disable, ${tlsModes.join(', ')}`);
  const file = parameters.get('sslrootcert');
  if (file === undefined || file === 'system') return { mode };
  try {
    return { mode, rootCertificate: readFileSync(file, 'utf8') };
  } catch (cause) {
    throw new FacetError('configuration_invalid', `sslrootcert of the engine's URL: ${file} cannot be read`, { cause });
  }
}

function readTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (!/^\d+$/u.test(text) || seconds < 1) throw invalid(`connect_timeout=${text}: it is a number of seconds`);
  return seconds * 1000;
}

function displayOf(url: string, userInfo: string): string {
  const [user, password] = splitOnce(userInfo, ':');
  const shown = password === undefined ? url : url.replace(`${userInfo}@`, `${user}@`);
  return shown.replace(/([?&])password=[^&]*&?/u, '$1').replace(/[?&]$/u, '');
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('it holds a percent sign that does not begin an escape (write %25)');
  }
}

function isOneOf<T extends string>(list: readonly T[], text: string): text is T {
  return (list as readonly string[]).includes(text);
}

/** The URL itself is never repeated: it may hold a password. */
function invalid(why: string): FacetError {
  return new FacetError('configuration_invalid', `the engine's URL (--engine): ${why}`);
}

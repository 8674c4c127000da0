// What options mean together: combinations that contradict each other, and listening that needs protection.

import { FacetError } from '../kernel/errors.ts';
import { isLoopback } from './loopback.ts';
import { type OptionName, type PortOptionName, type Settings, portOptionNames } from './options.ts';

/** The options that were given, each with where: `--engine`, `FACETDB_ENGINE`, … */
export type GivenNames = Partial<Record<OptionName, string>>;

/** Throws `configuration_invalid` or `listen_refused`, naming the options by where they were given. */
export function checkSettings(settings: Settings, given: GivenNames): void {
  const contradictions = [...contradictionsWithEngine(settings, given), ...relayWithoutPort(settings, given), ...halfTls(given)];
  if (contradictions.length > 0) throw new FacetError('configuration_invalid', contradictions.join('\n'));
  checkListening(settings);
}

/** With an external PostgreSQL nothing is kept here, and SQL clients connect to it directly. */
function* contradictionsWithEngine(settings: Settings, given: GivenNames): Generator<string> {
  if (settings.engine === undefined) return;
  if (given.data !== undefined) yield `${given.data} and ${given.engine} exclude each other: with an external PostgreSQL nothing is kept here`;
  if (given.postgresPort !== undefined && settings.postgresPort !== 'off') {
    yield `${given.postgresPort} and ${given.engine} exclude each other: SQL clients connect to the external PostgreSQL directly`;
  }
  if (given.postgresRelayPort !== undefined && settings.postgresRelayPort !== 'off') {
    yield `${given.postgresRelayPort} and ${given.engine} exclude each other: transactions of SQL clients are shared on the embedded PostgreSQL only`;
  }
  if (settings.noAuth) yield `${given.noAuth} and ${given.engine} exclude each other: the external PostgreSQL decides who may connect`;
}

/** What stands between has to have something behind it. */
function* relayWithoutPort({ engine, postgresPort, postgresRelayPort }: Settings, given: GivenNames): Generator<string> {
  if (engine === undefined && postgresPort === 'off' && postgresRelayPort !== 'off') yield `${given.postgresRelayPort} needs a port for PostgreSQL clients (--postgres-port)`;
}

function* halfTls(given: GivenNames): Generator<string> {
  if (given.tlsCert !== undefined && given.tlsKey === undefined) yield `${given.tlsCert} needs --tls-key as well`;
  if (given.tlsKey !== undefined && given.tlsCert === undefined) yield `${given.tlsKey} needs --tls-cert as well`;
}

function checkListening(settings: Settings): void {
  const { engine, host, insecure, noAuth, tlsCert } = settings;
  const isListenedOn = (name: PortOptionName): boolean => settings[name] !== 'off' && !(name === 'postgresPort' && engine !== undefined);
  if (insecure || !portOptionNames.some(isListenedOn) || isLoopback(host)) return;
  if (noAuth) {
    throw new FacetError('listen_refused', `with --no-auth anyone who reaches ${host} may do anything; listen on 127.0.0.1, leave --no-auth out, or add --insecure if it is meant`);
  }
  if (tlsCert === undefined) {
    throw new FacetError('listen_refused', `on ${host} passwords and data would cross the network unencrypted; give --tls-cert and --tls-key, or add --insecure if it is meant`);
  }
}

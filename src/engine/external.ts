// Connecting to a PostgreSQL that FacetDB does not own: several hosts, and the kind of server that is wanted
// (libpq's `target_session_attrs`).

import { FacetError, isFacetError } from '../kernel/errors.ts';
import type { ConnectionTarget, TargetSessionAttribute } from './connection-url.ts';
import { Connection } from './wire/connection.ts';
import type { ScramKeys } from './wire/scram-client.ts';
import { addressText } from './wire/socket.ts';

/** The oldest PostgreSQL that FacetDB runs on. */
export const oldestServerVersion = 150_000;

export type ExternalLogin = { readonly user: string; readonly database: string; readonly secret: string | ScramKeys | undefined };

/**
 * The first host that answers and is of the wanted kind. Errors: the last host's `engine_unavailable`; anything else
 * (a wrong password, an unknown database) at once, as another host would say the same.
 */
export async function connectExternal(
  target: ConnectionTarget,
  login: ExternalLogin,
  parameters: Readonly<Record<string, string>>,
): Promise<Connection> {
  const wanted = target.targetSessionAttributes;
  // prefer-standby takes any host on a second pass.
  const passes: TargetSessionAttribute[] = wanted === 'prefer-standby' ? ['standby', 'any'] : [wanted];
  let failure: FacetError | undefined;
  for (const pass of passes) {
    for (const address of target.addresses) {
      try {
        const connection = await Connection.open({
          address,
          ...login,
          tls: target.tls,
          parameters: { ...parameters, application_name: target.applicationName ?? parameters['application_name'] ?? 'facetdb' },
          ...(target.connectTimeoutMs === undefined ? {} : { connectTimeoutMs: target.connectTimeoutMs }),
        });
        if (isWanted(connection, pass)) return connection;
        await connection.close();
        failure = new FacetError('engine_unavailable', `${addressText(address)} is not what target_session_attrs=${wanted} asks for`);
      } catch (error) {
        if (!isFacetError(error, 'engine_unavailable')) throw error;
        failure = error;
      }
    }
  }
  throw failure ?? new FacetError('engine_unavailable', 'the URL names no host');
}

function isWanted(connection: Connection, attribute: TargetSessionAttribute): boolean {
  const standby = connection.serverParameter('in_hot_standby') === 'on';
  const readOnly = standby || connection.serverParameter('default_transaction_read_only') === 'on';
  switch (attribute) {
    case 'any':
    case 'prefer-standby':
      return true;
    case 'read-write':
      return !readOnly;
    case 'read-only':
      return readOnly;
    case 'primary':
      return !standby;
    case 'standby':
      return standby;
  }
}

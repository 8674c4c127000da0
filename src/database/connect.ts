// A store elsewhere, as a database: over the HTTP port of a server.

import { Database } from './database.ts';
import { type Credentials, HttpDoor } from './http-door.ts';
import { RemoteStore } from './remote-executor.ts';

export type ConnectOptions = Credentials | Record<string, never>;

/**
 * Connects to a server's HTTP port, as a role with its password (in the options or the URL) or by a bearer token. What HTTP
 * does not have is refused: `sql.copyFrom`, `sql.copyTo` and `as`. Errors: `configuration_invalid`, `engine_unavailable`,
 * `authentication_failed`.
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Database> {
  const store = new RemoteStore(new HttpDoor(url, 'token' in options || 'user' in options ? (options as Credentials) : undefined));
  await store.query('select', [], {});
  return new Database(store, () => Promise.resolve());
}

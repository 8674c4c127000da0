// What users' SQL may leave behind on a connection that others of the same role use next: settings, a role, temporary
// tables, locks, listeners.

import type { Connection } from './wire/connection.ts';

/** As DISCARD ALL, but for the prepared statements, which are the client's own. */
const forgetting = 'close all; set session authorization default; reset all; unlisten *; select pg_advisory_unlock_all(); discard temp; discard sequences';

/** Brings the session back to what it was when it began. Outside of transactions only. */
export async function resetSession(connection: Connection): Promise<void> {
  await connection.command(forgetting);
}

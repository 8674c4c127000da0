// One short visit to a server, for tests in which servers come and go.

import pg from 'pg';

/** Connects, asks, disconnects. A connection that breaks rejects what is asked, and nothing else. */
export async function withClient<T>(url: string, ask: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connectClient(url);
  try {
    return await ask(client);
  } finally {
    await client.end();
  }
}

/** A client whose broken connection is no error of the process. */
export async function connectClient(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

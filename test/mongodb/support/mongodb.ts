// A MongoDB driver's connection to the shared server, and a database of the test's own.

import { MongoClient, type Db, type MongoClientOptions } from 'mongodb';
import { sharedServer } from '../../support/shared-server.ts';

export type OwnDatabase = { readonly client: MongoClient; readonly db: Db; readonly close: () => Promise<void> };

let made = 0;

/** A database that `close` drops. */
export async function ownDatabase(options: MongoClientOptions = {}): Promise<OwnDatabase> {
  const { mongodb } = await sharedServer();
  const client = await MongoClient.connect(mongodb, { serverSelectionTimeoutMS: 10_000, ...options });
  made += 1;
  const db = client.db(`test_${process.pid}_${made}`);
  return {
    client,
    db,
    close: async () => {
      await db.dropDatabase();
      await client.close();
    },
  };
}

/** The code of the error that a promise ends with; undefined where it does not. */
export async function codeOf(promise: Promise<unknown>): Promise<number | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'number') return error.code;
    throw error;
  }
}

// A database of its own for a test file, on the shared server, so that all files run in parallel. It is dropped, with
// the roles made for it, when the file's tests are over.

import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import pg from 'pg';
import { sharedServer } from './shared-server.ts';

export type TestRole = { readonly name: string; readonly password: string; readonly url: string };

/** Creates a database of a unique name. Call it once, at the top of a test file. */
export async function testDatabase(topic: string): Promise<TestDatabase> {
  const { postgres } = await sharedServer();
  const name = `test_${topic}_${randomBytes(4).toString('hex')}`;
  const database = new TestDatabase(postgres, name);
  await database.create();
  after(async () => {
    await database.drop();
  });
  return database;
}

export class TestDatabase {
  readonly name: string;
  /** As the administrator. */
  readonly url: string;
  readonly #serverUrl: string;
  readonly #closers: (() => Promise<unknown>)[] = [];
  readonly #roles: string[] = [];

  constructor(serverUrl: string, name: string) {
    this.name = name;
    this.#serverUrl = serverUrl;
    this.url = changedUrl(serverUrl, { pathname: `/${name}` });
  }

  async create(): Promise<void> {
    await this.#onServer([`create database ${this.name}`]);
  }

  /** A connected client of the `pg` driver, closed with the database. Default: as the administrator. */
  async connect(url = this.url): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    this.beforeDrop(() => client.end());
    return client;
  }

  /** Registers what has to be closed before the database can go, such as a driver's pool. */
  beforeDrop(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  /** Creates a role, by default one that logs in by password. The name is made unique: roles belong to the whole server. */
  async createRole(label: string, attributes = 'login'): Promise<TestRole> {
    const name = `${this.name}_${label}`;
    const password = randomBytes(12).toString('hex');
    await this.#onServer([`create role ${name} ${attributes} password '${password}'`]);
    this.#roles.push(name);
    return { name, password, url: changedUrl(this.url, { username: name, password }) };
  }

  async drop(): Promise<void> {
    for (const close of this.#closers.toReversed()) await close();
    // Out of the database first: what the roles own or may do there goes with it.
    await this.#onServer([`drop database ${this.name} with (force)`, ...this.#roles.toReversed().map((role) => `drop role ${role}`)]);
  }

  async #onServer(statements: readonly string[]): Promise<void> {
    const client = new pg.Client({ connectionString: this.#serverUrl });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  }
}

function changedUrl(url: string, changes: Partial<Pick<URL, 'pathname' | 'username' | 'password'>>): string {
  return Object.assign(new URL(url), changes).href;
}

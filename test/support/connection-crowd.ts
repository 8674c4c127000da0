// Many connections at once: some that do nothing and some that never stop asking.

import pg from 'pg';

/** Logins at a time: each costs some milliseconds of hashing on both sides. */
const loginsAtOnce = 20;

export class ConnectionCrowd {
  readonly #idle: readonly pg.Client[];
  readonly #busy: readonly pg.Client[];
  readonly #lost: string[] = [];
  #statements = 0;

  /** Connects them all. Rejects when one is refused. */
  static async connect(url: string, { idle, busy }: { idle: number; busy: number }): Promise<ConnectionCrowd> {
    return new ConnectionCrowd(await connectAll(url, idle), await connectAll(url, busy));
  }

  private constructor(idle: readonly pg.Client[], busy: readonly pg.Client[]) {
    this.#idle = idle;
    this.#busy = busy;
    for (const client of [...idle, ...busy]) client.on('error', (error) => this.#lost.push(error.message));
  }

  /** Statements that the busy ones have had answered. */
  get statements(): number {
    return this.#statements;
  }

  /** What was said to connections that broke. */
  get lost(): readonly string[] {
    return this.#lost;
  }

  /** Keeps the busy ones busy for a time. Rejects when a statement fails. */
  async work(durationMs: number): Promise<void> {
    const until = performance.now() + durationMs;
    const keepBusy = async (client: pg.Client, index: number): Promise<void> => {
      for (let n = index; performance.now() < until; n++) {
        await client.query({ name: 'busy', text: 'select count(*) from generate_series(1, $1::int)', values: [(n % 100) + 1] });
        this.#statements++;
      }
    };
    await Promise.all(this.#busy.map(keepBusy));
  }

  /** How many of all still answer. */
  async alive(): Promise<number> {
    const answers = await Promise.allSettled([...this.#idle, ...this.#busy].map((client) => client.query('select 1')));
    return answers.filter(({ status }) => status === 'fulfilled').length;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#idle, ...this.#busy].map((client) => client.end()));
  }
}

async function connectAll(url: string, count: number): Promise<pg.Client[]> {
  const clients: pg.Client[] = [];
  while (clients.length < count) {
    const next = Array.from({ length: Math.min(loginsAtOnce, count - clients.length) }, () => new pg.Client({ connectionString: url }));
    await Promise.all(next.map((client) => client.connect()));
    clients.push(...next);
  }
  return clients;
}

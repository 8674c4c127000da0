// Statements to PostgreSQL, pipelined over a few connections.

import { type Connection, type Statement } from '../../src/engine/client.ts';
import type { Engine } from '../../src/engine/engine.ts';

export class Plain {
  readonly #connections: readonly Connection[];
  #next = 0;

  private constructor(connections: readonly Connection[]) {
    this.#connections = connections;
  }

  static async open(engine: Engine): Promise<Plain> {
    const connections = await Promise.all(Array.from({ length: 4 }, () => engine.connect(engine.ownRole)));
    return new Plain(connections);
  }

  /** Gives how many bytes came. */
  async run(sql: Statement, values: readonly unknown[]): Promise<number> {
    const connection = this.#connections[(this.#next = (this.#next + 1) % this.#connections.length)]!;
    let bytes = 0;
    await connection.execute([{ statement: sql, values, onRow: (found) => void (bytes += found.length(0)) }]);
    return bytes;
  }

  async close(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }
}

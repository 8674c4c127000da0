// A snapshot of the store that outlives the operation that took it. Its own transaction reads nothing, so that it keeps
// nobody from dropping what is in it; each read begins a transaction of its own on it.

import { statement } from '../../../engine/client.ts';
import type { Engine } from '../../../engine/engine.ts';
import { quoteLiteral } from '../../../engine/quoting.ts';
import { HeldTransaction } from '../../../engine/store-transaction.ts';

const exportSnapshot = statement('select pg_export_snapshot() as id');
const isolation = 'repeatable read';

export class StoreSnapshot {
  readonly role: string;
  readonly #engine: Engine;
  readonly #holder: HeldTransaction;
  readonly #id: string;

  private constructor(engine: Engine, holder: HeldTransaction, id: string) {
    this.role = holder.role;
    this.#engine = engine;
    this.#holder = holder;
    this.#id = id;
  }

  /** Of now, for the reads of `role`. It holds a connection until it is closed. */
  static async take(engine: Engine, role: string): Promise<StoreSnapshot> {
    const holder = await HeldTransaction.begin({ role, pool: engine.pool(role) }, { isolation });
    const [row] = await holder.use((connection) => connection.query(exportSnapshot));
    return new StoreSnapshot(engine, holder, String(row?.['id']));
  }

  /** Whoever begins it ends it. */
  async begin(): Promise<HeldTransaction> {
    const transaction = await HeldTransaction.begin({ role: this.role, pool: this.#engine.pool(this.role) }, { isolation });
    try {
      await transaction.use((connection) => connection.command(`set transaction snapshot ${quoteLiteral(this.#id)}`));
      return transaction;
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#holder.rollback();
  }
}

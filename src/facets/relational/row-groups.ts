// Rows by their primary key, of all clients of a role together: what they ask for within one turn goes to PostgreSQL as one
// group (see engine/group.ts), with one statement for each table.

import type { Connection, DataRow } from '../../engine/client.ts';
import type { Engine } from '../../engine/engine.ts';
import type { GroupKind } from '../../engine/group-kind.ts';
import type { EngineObserver } from '../../engine/observer.ts';
import { keyLookupParameters } from '../../engine/key-lookup-parameters.ts';
import { quoteIdentifier } from '../../engine/quoting.ts';
import { RoleGroups } from '../../engine/role-groups.ts';
import { statementOf } from '../../engine/statement-cache.ts';
import { relationalLimits } from './limits.ts';
import { type Relation, nameOf } from './relation.ts';
import { rowJsonSql } from './row-json.ts';

type RowRead = { readonly relation: Relation; readonly key: readonly string[] };

const laneParameters = {
  ...keyLookupParameters,
  // What takes longer (a lock, a policy that computes) does so alone.
  statement_timeout: `${relationalLimits.rowGroupTimeoutMs}ms`,
} as const;

const kinds = [{ name: 'rows.read', lanes: 2, size: relationalLimits.rowGroupSize, run: readGroup } satisfies GroupKind<RowRead, string | null>] as unknown as readonly GroupKind<never, unknown>[];

export class RowGroups {
  readonly #roles: RoleGroups;

  constructor(engine: Engine, observer: EngineObserver) {
    this.#roles = new RoleGroups({ connect: (role) => engine.connect(role, undefined, laneParameters), observer, kinds });
  }

  /** The row's JSON, null where there is none; undefined where it has to be read alone. */
  read(role: string, request: RowRead): Promise<string | null | undefined> {
    const grouper = this.#roles.of(role);
    return new Promise((resolve) => {
      // Whatever failed, it only read: alone it fails again, with an error of its own.
      grouper.submit<RowRead, string | null>(grouper.origin(), 'rows.read', request, (error, reply) => resolve(error === undefined ? reply : undefined));
    });
  }

  async close(): Promise<void> {
    await this.#roles.close();
  }
}

/** The statement of each relation, made once: the relation is told by the object that the cache gave. */
const statements = new WeakMap<Relation, string>();

function textOf(relation: Relation): string {
  const known = statements.get(relation);
  if (known !== undefined) return known;
  const types = relation.key.map((name) => relation.columns.find((column) => column.name === name)!.type);
  const names = relation.key.map((_, index) => `k${index}`);
  const lists = relation.key.map((_, index) => `$${index + 1}::text[]`);
  const condition = relation.key.map((name, index) => `r.${quoteIdentifier(name)} = w.k${index}::${types[index]!}`);
  const text = `select w.place::int4, ${rowJsonSql(relation, 'r')} from unnest(${lists.join(', ')}) with ordinality as w (${[...names, 'place'].join(', ')}) join ${nameOf(relation)} r on ${condition.join(' and ')}`;
  statements.set(relation, text);
  return text;
}

async function readGroup(connection: Connection, requests: readonly RowRead[]): Promise<readonly (string | null)[]> {
  const replies = requests.map((): string | null => null);
  const byText = new Map<string, { readonly places: number[]; readonly keys: string[][] }>();
  for (const [place, { relation, key }] of requests.entries()) {
    const text = textOf(relation);
    let wanted = byText.get(text);
    if (wanted === undefined) byText.set(text, (wanted = { places: [], keys: relation.key.map(() => []) }));
    wanted.places.push(place);
    for (const [index, part] of key.entries()) wanted.keys[index]!.push(part);
  }
  await connection.execute(
    [...byText].map(([text, { places, keys }]) => ({
      statement: statementOf(text, keys.map(() => 'text[]' as const)),
      values: keys,
      onRow: (row: DataRow): void => void (replies[places[row.int32(0) - 1]!] = row.utf8(1)),
    })),
  );
  return replies;
}

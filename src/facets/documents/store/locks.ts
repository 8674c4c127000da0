// Locks on names, held until the transaction ends. (Capped collections have theirs in SQL: capped-migration.ts.)

import { type Step, statement } from '../../../engine/client.ts';

const take = statement('select 1 from (select pg_advisory_xact_lock($1, hashtext($2))) as taken', ['int4', 'text']);

/** Arbitrary: the first halves of the keys of these locks. */
const lockSpaces = { definition: 471_692, turn: 471_694 } as const;

/** Waits until nobody else has the lock of this purpose on the name. */
export function nameLockStep(purpose: keyof typeof lockSpaces, name: string): Step {
  return { statement: take, values: [lockSpaces[purpose], name] };
}

// The slots of variables while an expression is evaluated. The system variables that a command fixes come first.

import type { DateTime, Maybe, Timestamp, Value } from '../../../values/bson/types.ts';
import type { Scope } from './expression.ts';

/** The slots of the variables that a command fixes for all its documents; the user's variables follow. */
export const systemSlots = { NOW: 0, CLUSTER_TIME: 1, USER_ROLES: 2, SEARCH_META: 3 } as const;

export const firstUserSlot = 4;

/** What a command fixes before its first document. */
export type Environment = {
  /** `$$NOW`. */
  readonly now: DateTime;
  /** `$$CLUSTER_TIME`; to read it is an error (51144) where there is none. */
  readonly clusterTime?: Timestamp | undefined;
  /** `$$USER_ROLES`: documents of `_id`, `role` and `db`. */
  readonly userRoles?: Value[];
};

/** A scope of its own for one document. */
export function newScope(root: Maybe, environment: Environment): Scope {
  return { root, slots: newSlots(environment) };
}

/** Slots that scopes of consecutive documents may share: an expression sets each of its variables before it reads it. */
function newSlots({ now, clusterTime, userRoles = [] }: Environment): Maybe[] {
  return [now, clusterTime, userRoles, undefined];
}

/** The same variables over another document. */
export function scopeOver(root: Maybe, scope: Scope): Scope {
  return { ...scope, root };
}

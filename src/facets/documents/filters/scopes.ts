// The scope of expressions in filters and projections.

import { DateTime, type Document } from '../../../values/bson/types.ts';
import type { Scope } from '../expressions/expression.ts';
import { newScope, scopeOver } from '../expressions/scope.ts';

/** The given variables over `document`; without any, only those of the system. */
export function scopeOf(document: Document, scope: Scope | undefined): Scope {
  return scope ? scopeOver(document, scope) : newScope(document, { now: new DateTime(BigInt(Date.now())) });
}

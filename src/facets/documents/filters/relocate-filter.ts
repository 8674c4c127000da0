// A filter asked of documents in which its fields stand elsewhere.

import type { Expression } from '../expressions/expression.ts';
import type { Filter, Path } from './filter.ts';

/** `locate` gives where a path stands, undefined where it stands nowhere; then there is no such filter. */
export function relocateFilter(filter: Filter, locate: (path: Path) => Path | undefined): Filter | undefined {
  switch (filter.operator) {
    case '$and':
    case '$or':
    case '$nor': {
      const filters = filter.filters.map((part) => relocateFilter(part, locate));
      return filters.every((part) => part !== undefined) ? { ...filter, filters } : undefined;
    }
    case '$not': {
      const inner = relocateFilter(filter.filter, locate);
      return inner && { ...filter, filter: inner };
    }
    case '$expr':
      return readsOnly(filter.expression, (path) => locate(path)?.join('.') === path.join('.')) ? filter : undefined;
    case '$alwaysTrue':
    case '$alwaysFalse':
      return filter;
    case '$jsonSchema':
    case '$sampleRate':
      return undefined;
    default: {
      const path = locate(filter.path);
      return path && { ...filter, path };
    }
  }
}

/** Whether an expression is known to read nothing of a document but paths of which `isAllowed` holds. */
function readsOnly({ constant, path, fields, operator }: Expression, isAllowed: (path: Path) => boolean): boolean {
  if (constant !== undefined) return true;
  if (path !== undefined) return isAllowed(path);
  if (fields !== undefined) return fields.every(({ expression }) => readsOnly(expression, isAllowed));
  return operator !== undefined && operator.operands.every((operand) => readsOnly(operand, isAllowed));
}

/** What all must hold of a filter, each by itself. */
export function conjunctsOf(filter: Filter): readonly Filter[] {
  return filter.operator === '$and' ? filter.filters.flatMap(conjunctsOf) : [filter];
}

export function conjunctionOf(filters: readonly Filter[]): Filter {
  return filters.length === 1 ? filters[0]! : { operator: '$and', filters };
}

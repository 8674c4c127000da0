// What can be seen of a $lookup's nested pipeline, as it is written, about its variables: which stages read them, and whether
// it joins by an equality.

import type { Document, Value } from '../../../../values/bson/types.ts';

/** Whether one of the variables might be read: it stands in a text, whether as an expression or not. */
export function readsVariable(value: Value, names: readonly string[]): boolean {
  if (typeof value === 'string') return names.some((name) => value === `$$${name}` || value.startsWith(`$$${name}.`));
  if (Array.isArray(value)) return value.some((element) => readsVariable(element, names));
  return value instanceof Map && [...value.values()].some((field) => readsVariable(field, names));
}

export type VariableEquality = { readonly path: readonly string[]; /** `$$name`, or a field of it. */ readonly variable: string };

/** Of `{$match: {$expr: {$eq: ['$field', '$$variable']}}}`, alone or beside other conditions that all must hold. */
export function variableEquality(stage: Value, names: readonly string[]): VariableEquality | undefined {
  const filter = stage instanceof Map ? stage.get('$match') : undefined;
  return filter instanceof Map ? equalityIn(filter, names) : undefined;
}

function equalityIn(condition: Document, names: readonly string[]): VariableEquality | undefined {
  for (const [name, argument] of condition) {
    const found = name === '$eq' ? equalityOf(argument, names) : name === '$expr' ? firstOf([argument], names) : name === '$and' && Array.isArray(argument) ? firstOf(argument, names) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function firstOf(conditions: readonly Value[], names: readonly string[]): VariableEquality | undefined {
  for (const condition of conditions) {
    const found = condition instanceof Map ? equalityIn(condition, names) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function equalityOf(operands: Value, names: readonly string[]): VariableEquality | undefined {
  if (!Array.isArray(operands) || operands.length !== 2) return undefined;
  const variable = operands.find((operand) => typeof operand === 'string' && readsVariable(operand, names));
  const field = operands.find((operand) => typeof operand === 'string' && /^\$[^$]/.test(operand));
  if (typeof variable !== 'string' || typeof field !== 'string') return undefined;
  return { path: field.slice(1).split('.'), variable };
}

// A filter as `explain` shows it (`parsedQuery`): what stands for an operator is written out, and several conditions are one `$and`.
// Source: MongoDB 7.0, MatchExpression::serialize.

import { isNumeric, RegularExpression, type Document, type Value } from '../../../values/bson/types.ts';
import { toDouble } from '../expressions/coercions.ts';

/** Of a filter that was parsed without error. */
export function parsedQueryOf(filter: Document): Document {
  const conditions = conditionsOf(filter);
  if (conditions.length <= 1) return conditions[0] ?? new Map();
  return new Map([['$and', conditions]]);
}

function conditionsOf(filter: Document): Document[] {
  return [...filter].flatMap(([name, value]) => (name.startsWith('$') ? ofDocument(name, value) : ofField(name, value)));
}

function ofDocument(name: string, operand: Value): Document[] {
  if (name === '$comment') return [];
  if (!Array.isArray(operand)) return [new Map([[name, operand]])];
  const filters = operand.filter((entry) => entry instanceof Map);
  return name === '$and' ? filters.flatMap(conditionsOf) : [new Map([[name, filters.map(parsedQueryOf)]])];
}

function ofField(path: string, value: Value): Document[] {
  const on = (condition: Value): Document => new Map([[path, condition]]);
  if (value instanceof RegularExpression) return [on(patternOf(value.pattern, value.options))];
  const isOperators = value instanceof Map && [...value.keys()][0]?.startsWith('$') === true && !value.has('$ref');
  if (!isOperators) return [on(new Map([['$eq', value]]))];
  return [...value].filter(([operator]) => operator !== '$options').map(([operator, operand]) => on(conditionOf(operator, operand, value)));
}

function conditionOf(operator: string, operand: Value, siblings: Document): Document {
  switch (operator) {
    case '$ne':
      return not('$eq', operand);
    case '$nin':
      return not('$in', operand);
    case '$exists':
      return operand === false || operand === null || (isNumeric(operand) && toDouble(operand) === 0) ? not('$exists', true) : new Map([['$exists', true]]);
    case '$regex': {
      const options = siblings.get('$options');
      return operand instanceof RegularExpression ? patternOf(operand.pattern, operand.options) : patternOf(typeof operand === 'string' ? operand : '', typeof options === 'string' ? options : '');
    }
    default:
      return new Map([[operator, operand]]);
  }
}

function not(operator: string, operand: Value): Document {
  return new Map([['$not', new Map([[operator, operand]])]]);
}

function patternOf(pattern: string, options: string): Document {
  return new Map<string, Value>([['$regex', pattern], ...(options === '' ? [] : [['$options', options] as const])]);
}

// Conditions on a table's columns in JSON, in the form of MongoDB's filters: `{"year": {"$gte": 1970}, "city": "x"}`. As there,
// null is a value: `$ne` and `$nin` hold for it.

import { quoteIdentifier } from '../../engine/quoting.ts';
import { FacetError } from '../../kernel/errors.ts';
import { relationalLimits } from './limits.ts';
import { type Relation, type RelationColumn, isJson, readableColumnOf } from './relation.ts';
import type { SqlParameters } from './sql-parameters.ts';

type Comparison = (column: string, value: unknown, place: Place) => string;
/** What a condition is about: its column, where in the filter it stands, and where its values go. */
type Place = { readonly column: RelationColumn; readonly field: string; readonly parameters: SqlParameters };

const compared = (operator: string): Comparison => (column, value, place) => `${column} ${operator} ${bound(value, place)}`;

const comparisons: Readonly<Record<string, Comparison>> = {
  $eq: (column, value, place) => (value === null ? `${column} is null` : `${column} = ${bound(value, place)}`),
  $ne: (column, value, place) => (value === null ? `${column} is not null` : `${column} is distinct from ${bound(value, place)}`),
  $gt: compared('>'),
  $gte: compared('>='),
  $lt: compared('<'),
  $lte: compared('<='),
  $in: (column, value, place) => anyOf(column, listOf(value, place), place),
  $nin: (column, value, place) => `(${anyOf(column, listOf(value, place), place)}) is not true`,
  $exists: (column, value, { field }) => {
    if (typeof value !== 'boolean') throw wrong(field, 'expected true or false');
    return value ? `${column} is not null` : `${column} is null`;
  },
};

type Filtered = { readonly relation: Relation; readonly alias: string; readonly parameters: SqlParameters };

/** The condition as SQL about the row `alias`. Errors: `data_invalid` with the field, `permission_denied`, `limit_exceeded`. */
export function filterSql(filter: unknown, filtered: Filtered): string {
  return new FilterWriter(filtered).conditions(filter, 'filter', 0);
}

class FilterWriter {
  readonly #filtered: Filtered;
  #conditions = 0;

  constructor(filtered: Filtered) {
    this.#filtered = filtered;
  }

  conditions(filter: unknown, field: string, depth: number): string {
    if (depth > relationalLimits.filterDepth) throw new FacetError('limit_exceeded', `a filter is nested at most ${relationalLimits.filterDepth} deep`, { field });
    const parts = Object.entries(objectOf(filter, field)).map(([name, value]) => this.#condition(name, value, { field: `${field}.${name}`, depth }));
    return parts.length === 0 ? 'true' : parts.join(' and ');
  }

  #condition(name: string, value: unknown, { field, depth }: { readonly field: string; readonly depth: number }): string {
    switch (name) {
      case '$and':
      case '$or': {
        if (!Array.isArray(value) || value.length === 0) throw wrong(field, 'expected a list of conditions');
        return `(${value.map((part, index) => `(${this.conditions(part, `${field}[${index}]`, depth + 1)})`).join(name === '$and' ? ' and ' : ' or ')})`;
      }
      case '$not':
        return `(${this.conditions(value, field, depth + 1)}) is not true`;
      default:
        if (name.startsWith('$')) throw wrong(field, `${name} is not known here: $and, $or and $not are`);
        return this.#columnCondition(name, value, { field, depth });
    }
  }

  #columnCondition(name: string, value: unknown, { field, depth }: { readonly field: string; readonly depth: number }): string {
    const { relation, alias, parameters } = this.#filtered;
    const place = { column: readableColumnOf(relation, name, field), field, parameters };
    const sql = `${alias}.${quoteIdentifier(name)}${place.column.typeName === 'json' ? '::jsonb' : ''}`;
    return this.#comparisons(sql, isOperators(value) ? value : { $eq: value }, place, depth);
  }

  #comparisons(column: string, operators: object, place: Place, depth: number): string {
    if (depth > relationalLimits.filterDepth) throw new FacetError('limit_exceeded', `a filter is nested at most ${relationalLimits.filterDepth} deep`, { field: place.field });
    const parts = Object.entries(operators).map(([operator, value]) => {
      if ((this.#conditions += 1) > relationalLimits.filterConditions) throw new FacetError('limit_exceeded', `a filter has at most ${relationalLimits.filterConditions} conditions`, { field: 'filter' });
      const field = `${place.field}.${operator}`;
      if (operator === '$not') return `(${this.#comparisons(column, objectOf(value, field), { ...place, field }, depth + 1)}) is not true`;
      const comparison = Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
      if (comparison === undefined) throw wrong(field, `${operator} is not known here: ${Object.keys(comparisons).join(', ')} and $not are`);
      return comparison(column, value, { ...place, field });
    });
    return parts.join(' and ');
  }
}

function isOperators(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const names = Object.keys(value);
  return names.length > 0 && names.every((name) => name.startsWith('$'));
}

function objectOf(value: unknown, field: string): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(field, 'expected an object');
  return value;
}

function listOf(value: unknown, { field }: Place): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(field, 'expected a list');
  if (value.length > relationalLimits.filterListLength) throw new FacetError('limit_exceeded', `a list has at most ${relationalLimits.filterListLength} values`, { field });
  return value;
}

function anyOf(column: string, values: readonly unknown[], place: Place): string {
  if (place.column.typeName.startsWith('_')) throw wrong(place.field, 'a column of arrays is not looked for in a list');
  const texts = values.filter((value) => value !== null).map((value) => valueText(value, place));
  const found = `${column} = any(${place.parameters.bind(texts)}::${elementType(place.column)}[])`;
  return texts.length === values.length ? found : `(${found} or ${column} is null)`;
}

function bound(value: unknown, place: Place): string {
  if (value === null) throw wrong(place.field, 'null is neither more nor less than anything: compare with $eq or $ne');
  const text = valueText(value, place);
  return `${place.parameters.bind(text)}::${isWhole(place.column) && typeof value === 'number' && !Number.isInteger(value) ? 'numeric' : elementType(place.column)}`;
}

const wholeTypes: ReadonlySet<string> = new Set(['int2', 'int4', 'int8']);

function isWhole({ typeName }: RelationColumn): boolean {
  return wholeTypes.has(typeName);
}

/** Without a length, which would cut what it is compared with. */
function elementType(column: RelationColumn): string {
  return column.typeName === 'json' ? 'jsonb' : column.type.replace(/\(\d+(?:,-?\d+)?\)/, '').replace(/^character$/, 'bpchar').replace(/^bit$/, 'varbit');
}

function valueText(value: unknown, { column, field }: Place): unknown {
  if (isJson(column)) return JSON.stringify(value);
  if (typeof value === 'object' && !Array.isArray(value)) throw wrong(field, `a column of type ${column.type} is not compared with an object`);
  return value;
}

function wrong(field: string, details: string): FacetError {
  return new FacetError('data_invalid', details, { field });
}

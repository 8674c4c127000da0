// numeric as decimal128; a number of more than 34 digits, which only an undeclared or very wide column holds, as a string.

import { typeRanks } from '../../../../values/bson/compare.ts';
import { decimalToString } from '../../../../values/bson/decimal.ts';
import { type DecimalParts, partsOf, partsOfDouble } from '../../../../values/bson/decimal-parts.ts';
import { Decimal128, Int32, isNumeric, type Numeric } from '../../../../values/bson/types.ts';
import type { ColumnKind, Comparison, Condition } from '../column-kind.ts';
import { mismatch, unfit } from '../refusals.ts';
import { sqlOperators } from '../sql-operators.ts';
import type { Column } from '../column-kind.ts';

const decimalDigits = 34;

/** Whether every value of the column is a decimal128. */
function isBounded({ precision }: Pick<Column, 'precision'>): boolean {
  return precision !== undefined && precision.digits <= decimalDigits;
}

/** As SQL: the value has at most 34 digits, zeros before and behind them apart, and stands where decimals stand. */
function fits(sql: string): string {
  return `(length(trim('0' from replace(abs(${sql})::text, '.', ''))) <= ${decimalDigits} and (scale(${sql}) is null or scale(${sql}) < 6000) and (${sql} in ('NaN', 'Infinity', '-Infinity') or abs(${sql}) < 1e6000))`;
}

function json(sql: string, column: Column): string {
  const decimal = `('{"$numberDecimal":"' || ${sql} || '"}')::json`;
  return isBounded(column) ? decimal : `case when ${fits(sql)} then ${decimal} else to_json(${sql}::text) end`;
}

/** The digits of a double are those that JavaScript shows: 1.1 is 1.1. */
function textOf(value: Numeric): string {
  if (value instanceof Decimal128) return decimalToString(value);
  return String(value instanceof Int32 ? value.value : value);
}

function write(value: Parameters<ColumnKind['write']>[0], column: Column): string {
  if (typeof value === 'string' && !isBounded(column) && /^-?\d+(\.\d+)?$/.test(value)) return value;
  if (!isNumeric(value)) throw mismatch(column, value, 'numbers');
  const text = textOf(value);
  const { precision } = column;
  if (precision !== undefined && decimalsOf(text) > precision.scale) throw unfit(column, value, `it has more than ${precision.scale} decimals`);
  return text;
}

/** How many digits stand behind the point, zeros at the end apart. */
function decimalsOf(text: string): number {
  const [, fraction = '', exponent = '0'] = /^-?\d+(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const whole = text.split(/[.e]/i)[0]!.replace(/^-/, '');
  const digits = (whole + fraction).replace(/0+$/, '');
  return digits === '' ? 0 : digits.length - whole.length - Number(exponent);
}

function compare({ operator, value, column, parameters }: Comparison): Condition | undefined {
  if (!isNumeric(value)) return undefined;
  const { sql } = column;
  const text = exactText(value);
  if (text === 'NaN' && operator !== '$eq') return undefined;
  const isLower = operator === '$gt' || operator === '$gte';
  const condition = `${sql} ${sqlOperators[operator]} ${parameters.bind('text', text)}::numeric`;
  return { sql: isLower ? `${condition} and ${sql} <> 'NaN'` : condition, isExact: isBounded(column) };
}

/** Doubles are compared with decimals by their exact value. */
function exactText(value: Numeric): string {
  if (value instanceof Decimal128) {
    const parts = partsOf(value);
    return parts.kind === 'finite' ? textOfParts(parts) : decimalToString(value);
  }
  return typeof value === 'number' && Number.isFinite(value) ? textOfParts(partsOfDouble(value)) : textOf(value);
}

function textOfParts({ negative, coefficient, exponent }: DecimalParts): string {
  return `${negative ? '-' : ''}${coefficient}e${exponent}`;
}

function order(column: Column): string[] {
  const { sql } = column;
  if (isBounded(column)) return [`(${sql} <> 'NaN')`, sql];
  // Numbers, and behind them those that are strings.
  return [`(not ${fits(sql)})`, `(${sql} <> 'NaN')`, `case when not ${fits(sql)} then ${sql}::text end collate "C"`, sql];
}

export const numeric: ColumnKind = { name: 'numeric', holdsOthers: false, ranks: new Set([typeRanks.number]), json, write, compare, order, group: ({ sql }) => sql, extreme: ({ sql }) => sql };
/** With numbers that are strings. */
const { group: _group, extreme: _extreme, ...comparable } = numeric;
export const unboundedNumeric: ColumnKind = { ...comparable, name: 'numeric of any size', ranks: new Set(), compare: (comparison) => (isNumeric(comparison.value) ? compare(comparison) : undefined) };
export { isBounded };

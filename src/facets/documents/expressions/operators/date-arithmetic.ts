// $dateAdd, $dateSubtract, $dateDiff and $dateTrunc. Source: MongoDB's manual, and its server for the codes.

import type { Maybe, Value } from '../../../../values/bson/types.ts';
import { DateTime } from '../../../../values/bson/types.ts';
import { withErrorContext } from '../../error-context.ts';
import { DocumentError } from '../../errors.ts';
import { coerceToDate, coerceToLong, isDateLike, isInt64Integral, isNullish, typeNameOfMaybe } from '../coercions.ts';
import type { TimeUnit } from '../dates/date-arithmetic.ts';
import { addToDate, differenceOfDates, isTimeUnit, truncateDate, weekdayNumber } from '../dates/date-arithmetic.ts';
import type { TimeZone } from '../dates/time-zones.ts';
import type { Expression, ExpressionExample, Operator, Scope, SpecialOperator } from '../expression.ts';
import { minLong } from '../integer-limits.ts';
import { allOf, parseNamedOperands } from '../named-operands.ts';
import { valueText } from '../shell-text.ts';
import { evaluateTimeZone } from './date.ts';

const sunday = 7;

function unitNamed(name: string): TimeUnit {
  if (!isTimeUnit(name)) throw new DocumentError('FailedToParse', `unknown time unit value: ${name}`);
  return name;
}

/** Nothing at the first that is null: the operands behind it are not evaluated, so their errors are not seen. */
function valuesUnlessNull(operands: readonly Expression[], scope: Scope): Value[] | undefined {
  const values: Value[] = [];
  for (const operand of operands) {
    const value = operand.evaluate(scope);
    if (isNullish(value)) return undefined;
    values.push(value);
  }
  return values;
}

// ---- $dateAdd, $dateSubtract

/** Throws DocumentError 5166400 to 5166402 while parsing, 5166403 to 5166406, 5976500 and 6045000 while evaluating. */
function sumOperator(name: '$dateAdd' | '$dateSubtract', examples: readonly ExpressionExample[]): SpecialOperator {
  return {
    name,
    parse: (argument, context) => {
      const operands = parseNamedOperands(argument, context, {
        names: ['startDate', 'unit', 'amount', 'timezone'],
        notAnObject: () => new DocumentError(5166400, `${name} expects an object as its argument`),
        unknown: (field) =>
          new DocumentError(5166401, `Unrecognized argument to ${name}: ${field}. Expected arguments are startDate, unit, amount, and optionally timezone.`),
      });
      const needed = ['startDate', 'unit', 'amount'].map((field) =>
        operands.required(field, 5166402, `${name} requires startDate, unit, and amount to be present`),
      );
      const timezone = operands.optional('timezone');
      return operands.expression(name, (scope) => {
        const values = valuesUnlessNull(needed, scope);
        const zone = values && evaluateTimeZone(timezone, scope);
        return zone ? new DateTime(shiftedDate(name, values as [Value, Value, Value], zone)) : null;
      });
    },
    examples,
  };
}

function shiftedDate(name: '$dateAdd' | '$dateSubtract', [startDate, unit, amount]: readonly [Value, Value, Value], zone: TimeZone): bigint {
  if (!isDateLike(startDate)) throw new DocumentError(5166403, `${name} requires startDate to be convertible to a date`);
  if (typeof unit !== 'string') throw new DocumentError(5166404, `${name} expects string defining the time unit`);
  const timeUnit = unitNamed(unit);
  if (!isInt64Integral(amount)) throw new DocumentError(5166405, `${name} expects integer amount of time units`);
  const count = coerceToLong(amount);
  if (name === '$dateAdd') return addToDate(coerceToDate(startDate), timeUnit, count, zone);
  if (count === minLong) throw new DocumentError(6045000, `invalid $dateSubtract 'amount' parameter value: ${count}`);
  return addToDate(coerceToDate(startDate), timeUnit, -count, zone);
}

// ---- what $dateDiff and $dateTrunc share

function readUnit(name: string, value: Value): TimeUnit {
  if (typeof value !== 'string') throw new DocumentError(5439013, `${name} requires 'unit' to be a string, but got ${typeNameOfMaybe(value)}`);
  if (!isTimeUnit(value)) throw new DocumentError(5439014, `${name} parameter 'unit' value cannot be recognized as a time unit: ${value}`);
  return value;
}

function readStartOfWeek(name: string, value: Value): number {
  if (typeof value !== 'string') throw new DocumentError(5439015, `${name} requires 'startOfWeek' to be a string, but got ${typeNameOfMaybe(value)}`);
  const weekday = weekdayNumber(value);
  if (weekday === undefined) throw new DocumentError(5439016, `${name} parameter 'startOfWeek' value cannot be recognized as a day of a week: ${value}`);
  return weekday;
}

function readTimeZone(name: string, timezone: Expression | undefined, scope: Scope): TimeZone | undefined {
  return withErrorContext(`${name} parameter 'timezone' value parsing failed`, () => evaluateTimeZone(timezone, scope));
}

/** Only weeks have a start: of other units it is not even evaluated. */
function evaluateStartOfWeek(startOfWeek: Expression | undefined, unit: Value, scope: Scope): Maybe {
  return startOfWeek && unit === 'week' ? startOfWeek.evaluate(scope) : 'sunday';
}

function weekStart(name: string, startOfWeek: Value, unit: TimeUnit): number {
  return unit === 'week' ? readStartOfWeek(name, startOfWeek) : sunday;
}

// ---- $dateDiff

const dateDiff: SpecialOperator = {
  name: '$dateDiff',
  parse: (argument, context) => {
    const operands = parseNamedOperands(argument, context, {
      names: ['startDate', 'endDate', 'unit', 'timezone', 'startOfWeek'],
      notAnObject: () => new DocumentError(5166301, '$dateDiff only supports an object as its argument'),
      unknown: (field) => new DocumentError(5166302, `Unrecognized argument to $dateDiff: ${field}`),
      assertComplete: allOf([
        ['startDate', 5166303, "Missing 'startDate' parameter to $dateDiff"],
        ['endDate', 5166304, "Missing 'endDate' parameter to $dateDiff"],
        ['unit', 5166305, "Missing 'unit' parameter to $dateDiff"],
      ]),
    });
    const needed = ['startDate', 'endDate', 'unit'].map(operands.given);
    const [timezone, startOfWeek] = [operands.optional('timezone'), operands.optional('startOfWeek')];
    return operands.expression('$dateDiff', (scope) => {
      const values = valuesUnlessNull(needed, scope);
      if (!values) return null;
      const [start, end, unitName] = values as [Value, Value, Value];
      const firstDay = evaluateStartOfWeek(startOfWeek, unitName, scope);
      if (isNullish(firstDay)) return null;
      const zone = readTimeZone('$dateDiff', timezone, scope);
      if (!zone) return null;
      const [from, to] = [instantForDiff('startDate', start), instantForDiff('endDate', end)];
      const timeUnit = readUnit('$dateDiff', unitName);
      return differenceOfDates(from, to, timeUnit, zone, weekStart('$dateDiff', firstDay, timeUnit));
    });
  },
  examples: [
    {
      expression: '{"$dateDiff": {"startDate": {"$date": {"$numberLong": "0"}}, "endDate": {"$date": {"$numberLong": "1709209845678"}}, "unit": "month"}}',
      result: '{"$numberLong": "649"}',
    },
    { expression: '{"$dateDiff": {"startDate": {"$date": {"$numberLong": "0"}}, "endDate": {"$date": {"$numberLong": "0"}}, "unit": "era"}}', error: 5439014 },
    { expression: '{"$dateDiff": {"startDate": {"$date": 0}, "endDate": {"$date": 0}, "unit": 5}}', error: 5439013 },
    { expression: '{"$dateDiff": {"startDate": {"$date": 0}, "endDate": {"$date": 0}, "unit": "day", "timezone": 1}}', error: 40517 },
    { expression: '{"$dateDiff": {"startDate": {"$date": 0}, "endDate": {"$date": 0}, "unit": "week", "startOfWeek": 1}}', error: 5439015 },
    { expression: '{"$dateDiff": {"startDate": {"$date": 0}, "endDate": {"$date": 0}, "unit": "week", "startOfWeek": "fridie"}}', error: 5439016 },
    { expression: '{"$dateDiff": {"startDate": {"$date": 0}, "endDate": {"$date": 0}, "unit": "day", "startOfWeek": 1}}', result: '{"$numberLong": "0"}' },
    { expression: '{"$dateDiff": {"startDate": "$none", "endDate": 1, "unit": "era", "timezone": "x"}}', result: 'null' },
    { expression: '{"$dateDiff": 1}', error: 5166301 },
    { expression: '{"$dateDiff": {"x": 1}}', error: 5166302 },
    { expression: '{"$dateDiff": {"endDate": 1, "unit": 1}}', error: 5166303 },
    { expression: '{"$dateDiff": {"startDate": 1, "unit": 1}}', error: 5166304 },
    { expression: '{"$dateDiff": {"startDate": 1, "endDate": 1}}', error: 5166305 },
    { expression: '{"$dateDiff": {"startDate": "$$none", "endDate": 1}}', error: 5166305 },
    { expression: '{"$dateDiff": {"startDate": "$none", "endDate": {"$toDate": "$x"}, "unit": "day"}}', document: '{"x": "no date"}', result: 'null' },
    { expression: '{"$dateDiff": {"startDate": 1, "endDate": {"$date": {"$numberLong": "0"}}, "unit": "day"}}', error: 5166307 },
  ],
};

function instantForDiff(parameter: string, value: Value): bigint {
  if (!isDateLike(value)) throw new DocumentError(5166307, `$dateDiff requires '${parameter}' to be a date, but got ${typeNameOfMaybe(value)}`);
  return coerceToDate(value);
}

// ---- $dateTrunc

const dateTrunc: SpecialOperator = {
  name: '$dateTrunc',
  parse: (argument, context) => {
    const operands = parseNamedOperands(argument, context, {
      names: ['date', 'unit', 'binSize', 'timezone', 'startOfWeek'],
      notAnObject: () => new DocumentError(5439007, '$dateTrunc only supports an object as its argument'),
      unknown: (field) =>
        new DocumentError(
          5439008,
          `Unrecognized argument to $dateTrunc: ${field}. Expected arguments are date, unit, and optionally, binSize, timezone, startOfWeek`,
        ),
      assertComplete: allOf([
        ['date', 5439009, "Missing 'date' parameter to $dateTrunc"],
        ['unit', 5439010, "Missing 'unit' parameter to $dateTrunc"],
      ]),
    });
    const binSize = operands.optional('binSize');
    const needed = [operands.given('date'), operands.given('unit'), ...(binSize ? [binSize] : [])];
    const [timezone, startOfWeek] = [operands.optional('timezone'), operands.optional('startOfWeek')];
    return operands.expression('$dateTrunc', (scope) => {
      const values = valuesUnlessNull(needed, scope);
      if (!values) return null;
      const [value, unitName, bin = 1n] = values as [Value, Value, Value?];
      const firstDay = evaluateStartOfWeek(startOfWeek, unitName, scope);
      if (isNullish(firstDay)) return null;
      const zone = readTimeZone('$dateTrunc', timezone, scope);
      if (!zone) return null;
      if (!isDateLike(value)) throw new DocumentError(5439012, `$dateTrunc requires 'date' to be a date, but got ${typeNameOfMaybe(value)}`);
      const timeUnit = readUnit('$dateTrunc', unitName);
      const size = readBinSize(bin);
      return new DateTime(truncateDate(coerceToDate(value), timeUnit, size, zone, weekStart('$dateTrunc', firstDay, timeUnit)));
    });
  },
  examples: [
    {
      expression: '{"$dateTrunc": {"date": {"$date": {"$numberLong": "1709209845678"}}, "unit": "day"}}',
      result: '{"$date": {"$numberLong": "1709164800000"}}',
    },
    { expression: '{"$dateTrunc": {"date": {"$date": {"$numberLong": "0"}}, "unit": "day", "binSize": 0}}', error: 5439018 },
    {
      expression: '{"$dateTrunc": {"date": {"$date": "2000-01-30T18:00:00Z"}, "unit": "week", "binSize": 2, "timezone": "America/New_York", "startOfWeek": "mon"}}',
      result: '{"$date": "2000-01-17T05:00:00Z"}',
    },
    { expression: '{"$dateTrunc": {"date": {"$date": 0}, "unit": "century"}}', error: 5439014 },
    { expression: '{"$dateTrunc": {"date": {"$date": 0}, "unit": "hour", "binSize": 2.5}}', error: 5439017 },
    { expression: '{"$dateTrunc": {"date": {"$date": 0}, "unit": "hour", "binSize": {"$numberDecimal": "1"}}}', result: '{"$date": {"$numberLong": "0"}}' },
    { expression: '{"$dateTrunc": {"date": "x", "unit": "hour"}}', error: 5439012 },
    { expression: '{"$dateTrunc": {"date": 1, "unit": "century", "binSize": "1", "timezone": null}}', result: 'null' },
    { expression: '{"$dateTrunc": "x"}', error: 5439007 },
    { expression: '{"$dateTrunc": {"x": 1}}', error: 5439008 },
    { expression: '{"$dateTrunc": {"unit": "day"}}', error: 5439009 },
    { expression: '{"$dateTrunc": {"date": 1}}', error: 5439010 },
    { expression: '{"$dateTrunc": {"date": "$$none"}}', error: 5439010 },
    { expression: '{"$dateTrunc": {"date": "$none", "unit": {"$toInt": "$x"}}}', document: '{"x": "no number"}', result: 'null' },
  ],
};

function readBinSize(value: Value): bigint {
  if (!isInt64Integral(value)) {
    throw new DocumentError(5439017, `$dateTrunc requires 'binSize' to be a 64-bit integer, but got value '${valueText(value)}' of type ${typeNameOfMaybe(value)}`);
  }
  const size = coerceToLong(value);
  if (size <= 0n) throw new DocumentError(5439018, `$dateTrunc requires 'binSize' to be greater than 0, but got value ${size}`);
  return size;
}

export const dateArithmeticOperators: readonly Operator[] = [
  sumOperator('$dateAdd', [
    {
      expression: '{"$dateAdd": {"startDate": {"$date": {"$numberLong": "1706659200000"}}, "unit": "month", "amount": 1}}',
      result: '{"$date": {"$numberLong": "1709164800000"}}',
    },
    {
      expression: '{"$dateAdd": {"startDate": {"$date": "2021-01-30T23:30:00Z"}, "unit": "month", "amount": 1, "timezone": "Europe/Paris"}}',
      result: '{"$date": "2021-02-27T23:30:00Z"}',
    },
    { expression: '{"$dateAdd": {"startDate": {"$date": {"$numberLong": "0"}}, "unit": "month", "amount": 1.5}}', error: 5166405 },
    { expression: '{"$dateAdd": {"startDate": {"$date": 0}, "unit": "epoch", "amount": 1}}', error: 9 },
    { expression: '{"$dateAdd": {"startDate": {"$date": 0}, "unit": 1, "amount": 1}}', error: 5166404 },
    { expression: '{"$dateAdd": {"startDate": "x", "unit": "day", "amount": 1}}', error: 5166403 },
    { expression: '{"$dateAdd": {"unit": "day", "amount": 1}}', error: 5166402 },
    { expression: '{"$dateAdd": {"startDate": 1, "units": "day", "amount": 1}}', error: 5166401 },
    { expression: '{"$dateAdd": 1}', error: 5166400 },
  ]),
  sumOperator('$dateSubtract', [
    {
      expression: '{"$dateSubtract": {"startDate": {"$date": {"$numberLong": "1709164800000"}}, "unit": "day", "amount": 29}}',
      result: '{"$date": {"$numberLong": "1706659200000"}}',
    },
  ]),
  dateDiff,
  dateTrunc,
];

// Dates taken apart, put together, and as text. Source: MongoDB's manual, and its server for the codes.

import type { Document, Maybe, Value } from '../../../../values/bson/types.ts';
import { DateTime, int32, typeNameOf } from '../../../../values/bson/types.ts';
import { DocumentError, documentErrorCodes } from '../../errors.ts';
import { coerceToDate, coerceToLong, isInt64Integral, isNullish, typeNameOfMaybe } from '../coercions.ts';
import { addMonths, dayOfWeek, dayOfYear, daysFromCivil, daysFromIsoWeek, isoDayOfWeek, isoWeekOf, weekOfYear } from '../dates/calendar.ts';
import { assertDateFormat, formatDate, isoFormat, outputSpecifiers } from '../dates/format-date.ts';
import { inputSpecifiers, parseFormattedDate } from '../dates/parse-date-format.ts';
import { parseDateText } from '../dates/parse-date.ts';
import type { LocalTime, TimeZone } from '../dates/time-zones.ts';
import { findTimeZone, instantOfLocal, localDate, localTime, utc } from '../dates/time-zones.ts';
import type { Expression, Operator, ParseContext, Scope, SpecialOperator } from '../expression.ts';
import { fitsLong } from '../integer-limits.ts';
import type { HasOperand } from '../named-operands.ts';
import { allOf, parseNamedOperands } from '../named-operands.ts';
import { parseExpression } from '../parse.ts';
import { shellText, valueText } from '../shell-text.ts';

type NotText = (value: Value) => DocumentError;

const notTextTimeZone: NotText = (value) => new DocumentError(40517, `timezone must evaluate to a string, found ${typeNameOf(value)}`);

/** UTC where there is no `timezone`, nothing where it evaluates to null. Throws DocumentError 40485, and `notText` (40517). */
export function evaluateTimeZone(timezone: Expression | undefined, scope: Scope, notText = notTextTimeZone): TimeZone | undefined {
  if (!timezone) return utc;
  const id = timezone.evaluate(scope);
  if (isNullish(id)) return undefined;
  if (typeof id !== 'string') throw notText(id);
  return findTimeZone(id);
}

// ---- $year and its like

type Part = (local: LocalTime) => Value;

const clockParts = {
  hour: ({ time }: LocalTime) => int32(Math.floor(time / 3_600_000)),
  minute: ({ time }: LocalTime) => int32(Math.floor(time / 60_000) % 60),
  second: ({ time }: LocalTime) => int32(Math.floor(time / 1_000) % 60),
  millisecond: ({ time }: LocalTime) => int32(time % 1_000),
} as const satisfies Record<string, Part>;

const calendarParts = {
  year: (local: LocalTime) => int32(localDate(local).year),
  month: (local: LocalTime) => int32(localDate(local).month),
  day: (local: LocalTime) => int32(localDate(local).day),
} as const satisfies Record<string, Part>;

const isoParts = {
  isoWeekYear: ({ days }: LocalTime) => int32(isoWeekOf(days).year),
  isoWeek: ({ days }: LocalTime) => int32(isoWeekOf(days).week),
  isoDayOfWeek: ({ days }: LocalTime) => int32(isoDayOfWeek(days)),
} as const satisfies Record<string, Part>;

/** Takes a date, alone or in an array, or `{date, timezone}`. Throws DocumentError 40535, 40536, 40539 while parsing, 40533 while evaluating. */
function partOperator(name: string, part: Part, result: string): SpecialOperator {
  const notText: NotText = (value) =>
    new DocumentError(40533, `${name} requires a string for the timezone argument, but was given a ${typeNameOf(value)} (${valueText(value)})`);
  return {
    name,
    parse: (argument, context) => {
      const { date, timezone } = parseDateArgument(name, argument, context);
      return {
        evaluate: (scope) => {
          const value = date.evaluate(scope);
          if (isNullish(value)) return null;
          const instant = coerceToDate(value);
          const zone = evaluateTimeZone(timezone, scope, notText);
          return zone ? part(localTime(instant, zone)) : null;
        },
        operator: { name, operands: timezone ? [date, timezone] : [date] },
      };
    },
    examples: [
      { expression: `{"${name}": {"$date": {"$numberLong": "1709209845678"}}}`, result },
      { expression: `{"${name}": "2024"}`, error: 16006 },
      { expression: `{"${name}": {"date": null, "timezone": 5}}`, result: 'null' },
      { expression: `{"${name}": {"date": {"$date": 0}, "timezone": 5}}`, error: 40533 },
    ],
  };
}

function parseDateArgument(name: string, argument: Value, context: ParseContext): { date: Expression; timezone?: Expression | undefined } {
  if (Array.isArray(argument)) {
    if (argument.length !== 1) throw new DocumentError(40536, `${name} accepts exactly one argument if given an array, but was given ${argument.length}`);
    return { date: parseExpression(argument[0]!, context) };
  }
  if (!(argument instanceof Map) || isOperatorDocument(argument)) return { date: parseExpression(argument, context) };
  const operands = parseNamedOperands(argument, context, {
    names: ['date', 'timezone'],
    notAnObject: (type) => new DocumentError(40535, `${name} does not support ${type}`),
    unknown: (field) => new DocumentError(40535, `unrecognized option to ${name}: "${field}"`),
  });
  const date = operands.required('date', 40539, `missing 'date' argument to ${name}, provided: ${name}: ${shellText(argument)}`);
  return { date, timezone: operands.optional('timezone') };
}

function isOperatorDocument(document: Document): boolean {
  const [first] = document.keys();
  return first?.startsWith('$') ?? false;
}

// ---- $dateToParts

const dateToParts: SpecialOperator = {
  name: '$dateToParts',
  parse: (argument, context) => {
    const operands = parseNamedOperands(argument, context, {
      names: ['date', 'timezone', 'iso8601'],
      notAnObject: () => new DocumentError(40524, '$dateToParts only supports an object as its argument'),
      unknown: (field) => new DocumentError(40520, `Unrecognized argument to $dateToParts: ${field}`),
      assertComplete: allOf([['date', 40522, "Missing 'date' parameter to $dateToParts"]]),
    });
    const date = operands.given('date');
    const [timezone, iso8601] = [operands.optional('timezone'), operands.optional('iso8601')];
    return operands.expression('$dateToParts', (scope) => {
      const value = date.evaluate(scope);
      const zone = evaluateTimeZone(timezone, scope);
      if (!zone) return null;
      const isIso = iso8601 ? iso8601.evaluate(scope) : false;
      if (isNullish(isIso)) return null;
      if (typeof isIso !== 'boolean') throw new DocumentError(40521, `iso8601 must evaluate to a bool, found ${typeNameOfMaybe(isIso)}`);
      if (isNullish(value)) return null;
      const local = localTime(coerceToDate(value), zone);
      const parts: Record<string, Part> = isIso ? { ...isoParts, ...clockParts } : { ...calendarParts, ...clockParts };
      return new Map(Object.entries(parts).map(([name, part]) => [name, part(local)]));
    });
  },
  examples: [
    {
      expression: '{"$dateToParts": {"date": {"$date": {"$numberLong": "1709209845678"}}}}',
      result: '{"year": 2024, "month": 2, "day": 29, "hour": 12, "minute": 30, "second": 45, "millisecond": 678}',
    },
    {
      expression: '{"$dateToParts": {"date": {"$date": {"$numberLong": "1709209845678"}}, "iso8601": true}}',
      result: '{"isoWeekYear": 2024, "isoWeek": 9, "isoDayOfWeek": 4, "hour": 12, "minute": 30, "second": 45, "millisecond": 678}',
    },
    { expression: '{"$dateToParts": {}}', error: 40522 },
    // The names are looked at before the operands.
    { expression: '{"$dateToParts": {"timezone": "$$none"}}', error: 40522 },
    { expression: '{"$dateToParts": {"date": "$$none", "x": 1}}', error: 40520 },
  ],
};

// ---- $dateFromParts

const datePartNames = ['year', 'month', 'day', 'hour', 'minute', 'second', 'millisecond', 'isoWeekYear', 'isoWeek', 'isoDayOfWeek'] as const;

type DatePartName = (typeof datePartNames)[number];

/** Parts that are bounded to 16 bits. */
const boundedParts: ReadonlySet<DatePartName> = new Set<DatePartName>(['month', 'day', 'hour', 'minute', 'isoWeek', 'isoDayOfWeek']);

type PartReader = (name: DatePartName, byDefault: bigint) => bigint;

/** A part evaluated to null, and so does the whole. */
class NullPart extends Error {}

const dateFromParts: SpecialOperator = {
  name: '$dateFromParts',
  parse: (argument, context) => {
    const operands = parseNamedOperands(argument, context, {
      names: [...datePartNames, 'timezone'],
      notAnObject: () => new DocumentError(40519, '$dateFromParts only supports an object as its argument'),
      unknown: (field) => new DocumentError(40518, `Unrecognized argument to $dateFromParts: ${field}`),
      assertComplete: assertOneCalendar,
    });
    const isIso = operands.optional('isoWeekYear') !== undefined;
    const timezone = operands.optional('timezone');
    return operands.expression('$dateFromParts', (scope) => {
      const read: PartReader = (name, byDefault) => readPart(operands.optional(name), name, byDefault, scope);
      try {
        return dateOfParts(read, () => evaluateTimeZone(timezone, scope), isIso);
      } catch (error) {
        if (error instanceof NullPart) return null;
        throw error;
      }
    });
  },
  examples: [
    { expression: '{"$dateFromParts": {"year": 2024, "month": 2, "day": 29}}', result: '{"$date": {"$numberLong": "1709164800000"}}' },
    { expression: '{"$dateFromParts": {"year": 2024, "month": 14}}', result: '{"$date": {"$numberLong": "1738368000000"}}' },
    { expression: '{"$dateFromParts": {"isoWeekYear": 2024, "isoWeek": 9, "isoDayOfWeek": 4}}', result: '{"$date": {"$numberLong": "1709164800000"}}' },
    { expression: '{"$dateFromParts": {"year": 2017, "day": -1}}', result: '{"$date": {"$numberLong": "1483056000000"}}' },
    { expression: '{"$dateFromParts": {"year": 1970, "millisecond": {"$numberLong": "1502095918551"}}}', result: '{"$date": {"$numberLong": "1502095918551"}}' },
    { expression: '{"$dateFromParts": {"year": 1970, "millisecond": {"$numberDouble": "18014398509481984.0"}}}', error: 159 },
    { expression: '{"$dateFromParts": {"year": 1970, "millisecond": {"$numberDouble": "18014398509481984000.0"}}}', error: 40515 },
    { expression: '{"$dateFromParts": {"year": 2017.3}}', error: 40515 },
    { expression: '{"$dateFromParts": {"year": 1970, "month": 32768}}', error: 31034 },
    { expression: '{"$dateFromParts": {"isoWeekYear": 10000}}', error: 31095 },
    { expression: '{"$dateFromParts": {"isoWeekYear": 2017, "day": 17}}', error: 40525 },
    { expression: '{"$dateFromParts": {"year": 2017, "timezone": false}}', error: 40517 },
    { expression: '{"$dateFromParts": {"x": 1}}', error: 40518 },
    { expression: '{"$dateFromParts": []}', error: 40519 },
    { expression: '{"$dateFromParts": {}}', error: 40516 },
    { expression: '{"$dateFromParts": {"year": 2024, "isoWeek": 9}}', error: 40489 },
    { expression: '{"$dateFromParts": {"month": "$$none"}}', error: 40516 },
    { expression: '{"$dateFromParts": {"year": 10000}}', error: 40523 },
  ],
};

function assertOneCalendar(has: HasOperand): void {
  if (!has('year', 'isoWeekYear')) throw new DocumentError(40516, "$dateFromParts requires either 'year' or 'isoWeekYear' to be present");
  if (has('year') && has('isoWeekYear', 'isoWeek', 'isoDayOfWeek')) {
    throw new DocumentError(40489, '$dateFromParts does not allow mixing natural dates with ISO dates');
  }
  if (has('isoWeekYear') && has('year', 'month', 'day')) throw new DocumentError(40525, '$dateFromParts does not allow mixing ISO dates with natural dates');
}

function readPart(operand: Expression | undefined, name: DatePartName, byDefault: bigint, scope: Scope): bigint {
  if (!operand) return byDefault;
  const value = operand.evaluate(scope);
  if (isNullish(value)) throw new NullPart();
  if (!isInt64Integral(value)) throw new DocumentError(40515, `'${name}' must evaluate to an integer, found ${typeNameOfMaybe(value)} with value ${valueText(value)}`);
  const number = coerceToLong(value);
  if (boundedParts.has(name) && (number < -32_768n || number > 32_767n)) {
    throw new DocumentError(31034, `'${name}' must evaluate to a value in the range [-32768, 32767]; value ${number} is not in range`);
  }
  return number;
}

function dateOfParts(read: PartReader, timeZone: () => TimeZone | undefined, isIso: boolean): Value {
  const [hour, minute, second, millisecond] = [read('hour', 0n), read('minute', 0n), read('second', 0n), read('millisecond', 0n)];
  const zone = timeZone();
  if (!zone) return null;
  const days = isIso ? daysOfIsoParts(read) : daysOfParts(read);
  const instant = instantOfLocal(days, ((hour * 60n + minute) * 60n + second) * 1_000n + millisecond, zone);
  if (!fitsLong(instant) || !fitsLong(millisecond * 1_000n)) throw new DocumentError('DurationOverflow', 'Overflow casting from a lower-precision duration to a higher-precision duration');
  return new DateTime(instant);
}

function daysOfParts(read: PartReader): number {
  const [year, month, day] = [read('year', 1_970n), Number(read('month', 1n)), Number(read('day', 1n))];
  if (year < 1n || year > 9_999n) throw new DocumentError(40523, `'year' must evaluate to an integer in the range 1 to 9999, found ${year}`);
  const shifted = addMonths(Number(year), 1, month - 1);
  return daysFromCivil(shifted.year, shifted.month, 1) + day - 1;
}

function daysOfIsoParts(read: PartReader): number {
  const [year, week, day] = [read('isoWeekYear', 1_970n), Number(read('isoWeek', 1n)), Number(read('isoDayOfWeek', 1n))];
  if (year < 1n || year > 9_999n) throw new DocumentError(31095, `'isoWeekYear' must evaluate to an integer in the range 1 to 9999, found ${year}`);
  return daysFromIsoWeek(Number(year), week, day);
}

// ---- $dateToString, $dateFromString

/** The format's value once it is known to be one; null where it evaluates to null, nothing where there is none. */
function evaluateFormat(format: Expression | undefined, scope: Scope, name: string, code: number, specifiers: string): string | null | undefined {
  if (!format) return undefined;
  const value = format.evaluate(scope);
  if (isNullish(value)) return null;
  if (typeof value !== 'string') {
    throw new DocumentError(code, `${name} requires that 'format' be a string, found: ${typeNameOfMaybe(value)} with value ${valueText(value)}`);
  }
  assertDateFormat(value, specifiers);
  return value;
}

const dateToString: SpecialOperator = {
  name: '$dateToString',
  parse: (argument, context) => {
    const operands = parseNamedOperands(argument, context, {
      names: ['format', 'date', 'timezone', 'onNull'],
      notAnObject: () => new DocumentError(18629, '$dateToString only supports an object as its argument'),
      unknown: (field) => new DocumentError(18534, `Unrecognized argument to $dateToString: ${field}`),
      assertComplete: allOf([['date', 18628, "Missing 'date' parameter to $dateToString"]]),
    });
    const date = operands.given('date');
    const [format, timezone, onNull] = [operands.optional('format'), operands.optional('timezone'), operands.optional('onNull')];
    return operands.expression('$dateToString', (scope) => {
      const value = date.evaluate(scope);
      const formatText = evaluateFormat(format, scope, '$dateToString', 18533, outputSpecifiers);
      const zone = evaluateTimeZone(timezone, scope);
      if (isNullish(value)) return onNull ? onNull.evaluate(scope) : null;
      if (!zone || formatText === null) return null;
      return formatDate(formatText ?? isoFormat, coerceToDate(value), zone);
    });
  },
  examples: [
    { expression: '{"$dateToString": {"date": {"$date": {"$numberLong": "1709209845678"}}}}', result: '"2024-02-29T12:30:45.678Z"' },
    {
      expression: '{"$dateToString": {"date": {"$date": {"$numberLong": "1709209845678"}}, "format": "%d.%m.%Y %H:%M%z", "timezone": "America/New_York"}}',
      result: '"29.02.2024 07:30-0500"',
    },
    {
      expression: '{"$dateToString": {"date": {"$date": {"$numberLong": "1499180202911"}}, "format": "%z %Z", "timezone": "Asia/Kathmandu"}}',
      result: '"+0545 345"',
    },
    {
      expression: '{"$dateToString": {"date": {"$date": {"$numberLong": "-2192444317582"}}, "format": "%z %Z", "timezone": "America/Caracas"}}',
      result: '"-0427 -267"',
    },
    {
      expression: '{"$dateToString": {"date": {"$date": {"$numberLong": "1483283331911"}}, "format": "%Y-W%w-%U, %G-W%u-%V"}}',
      result: '"2017-W1-01, 2016-W7-52"',
    },
    { expression: '{"$dateToString": {"date": null, "onNull": "none"}}', result: '"none"' },
    { expression: '{"$dateToString": {"date": {"$date": 0}, "timezone": 5}}', error: 40517 },
    { expression: '{"$dateToString": {"date": {"$date": 0}, "timezone": "DoesNotExist"}}', error: 40485 },
    { expression: '{"$dateToString": {"date": {"$date": 0}, "format": "%n"}}', error: 18536 },
    { expression: '{"$dateToString": {"date": {"$date": 0}, "format": 5}}', error: 18533 },
    { expression: '{"$dateToString": {"format": "%Y"}}', error: 18628 },
    { expression: '{"$dateToString": {"format": "$$none"}}', error: 18628 },
    { expression: '{"$dateToString": {"date": null, "x": 1}}', error: 18534 },
    { expression: '{"$dateToString": "2024"}', error: 18629 },
    { expression: '{"$dateToString": {"date": "2024-02-29"}}', error: 16006 },
    { expression: '{"$dateToString": {"date": null, "format": "%"}}', error: 18535 },
  ],
};

const dateFromString: SpecialOperator = {
  name: '$dateFromString',
  parse: (argument, context) => {
    const operands = parseNamedOperands(argument, context, {
      names: ['format', 'dateString', 'timezone', 'onNull', 'onError'],
      notAnObject: (type) => new DocumentError(40540, `$dateFromString only supports an object as an argument, found: ${type}`),
      unknown: (field) => new DocumentError(40541, `Unrecognized argument to $dateFromString: ${field}`),
      assertComplete: allOf([['dateString', 40542, "Missing 'dateString' parameter to $dateFromString"]]),
    });
    const dateString = operands.given('dateString');
    const [format, timezone] = [operands.optional('format'), operands.optional('timezone')];
    const [onNull, onError] = [operands.optional('onNull'), operands.optional('onError')];
    return operands.expression('$dateFromString', (scope) => {
      const value = dateString.evaluate(scope);
      const formatText = evaluateFormat(format, scope, '$dateFromString', 40684, inputSpecifiers);
      const zone = evaluateTimeZone(timezone, scope);
      if (isNullish(value)) return onNull ? onNull.evaluate(scope) : null;
      try {
        return dateFromText(value, formatText, zone);
      } catch (error) {
        const isConversionFailure = error instanceof DocumentError && error.number === documentErrorCodes.ConversionFailure;
        if (onError && isConversionFailure) return onError.evaluate(scope);
        throw error;
      }
    });
  },
  examples: [
    { expression: '{"$dateFromString": {"dateString": "2024-02-29T12:30:45.678Z"}}', result: '{"$date": {"$numberLong": "1709209845678"}}' },
    { expression: '{"$dateFromString": {"dateString": "29.02.2024", "format": "%d.%m.%Y"}}', result: '{"$date": {"$numberLong": "1709164800000"}}' },
    { expression: '{"$dateFromString": {"dateString": "2024-02-29T00:00:00", "timezone": "+01:00"}}', result: '{"$date": {"$numberLong": "1709161200000"}}' },
    { expression: '{"$dateFromString": {"dateString": "2017, Week 53", "format": "%G, Week %V"}}', result: '{"$date": {"$numberLong": "1514764800000"}}' },
    { expression: '{"$dateFromString": {"dateString": "1.1.1", "format": "%V.%u.%G"}}', result: '{"$date": {"$numberLong": "-62135596800000"}}' },
    {
      expression: '{"$dateFromString": {"dateString": "2017-07-14T12:02:44.771 GMT+02:00", "format": "%Y-%m-%dT%H:%M:%S.%L%z"}}',
      result: '{"$date": {"$numberLong": "1500026564771"}}',
    },
    { expression: '{"$dateFromString": {"dateString": "4/26/1992:+285", "format": "%m/%d/%Y:%Z"}}', result: '{"$date": {"$numberLong": "704229300000"}}' },
    { expression: '{"$dateFromString": {"dateString": "July 4th, 2017 11am"}}', result: '{"$date": {"$numberLong": "1499166000000"}}' },
    { expression: '{"$dateFromString": {"dateString": "Jul-04-2017"}}', result: '{"$date": {"$numberLong": "1499126400000"}}' },
    // The digits of a fraction that are left out are zeros.
    { expression: '{"$dateFromString": {"dateString": "1970-01-01T00:00:02.8", "format": "%Y-%m-%dT%H:%M:%S.%L"}}', result: '{"$date": {"$numberLong": "2800"}}' },
    { expression: '{"$dateFromString": {"dateString": "July 4th"}}', error: 241 },
    { expression: '{"$dateFromString": {"dateString": "ISO Week 1, 2018", "format": "ISO Week %V, %Y"}}', error: 241 },
    { expression: '{"$dateFromString": {"dateString": "2017-07-12T22:23:55Z", "timezone": "Europe/Amsterdam"}}', error: 241 },
    { expression: '{"$dateFromString": {"dateString": 5}}', error: 241 },
    { expression: '{"$dateFromString": {"dateString": "2017", "format": 5}}', error: 40684 },
    { expression: '{"$dateFromString": {"dateString": "2017", "x": 5}}', error: 40541 },
    { expression: '{"$dateFromString": {"dateString": "4 sept 2017", "format": "%d %b %Y"}}', result: '{"$date": "2017-09-04T00:00:00Z"}' },
    { expression: '{"$dateFromString": {"dateString": "4.VII.2017", "format": "%d.%B.%Y"}}', result: '{"$date": "2017-07-04T00:00:00Z"}' },
    { expression: '{"$dateFromString": {}}', error: 40542 },
    { expression: '{"$dateFromString": {"format": {"$none": 1}}}', error: 40542 },
    { expression: '{"$dateFromString": "2017"}', error: 40540 },
    { expression: '{"$dateFromString": {"dateString": "never", "onError": "none"}}', result: '"none"' },
    { expression: '{"$dateFromString": {"dateString": "2024-02-30"}}', error: 241 },
  ],
};

function dateFromText(value: Value, format: string | null | undefined, zone: TimeZone | undefined): Maybe {
  if (typeof value !== 'string') {
    throw new DocumentError('ConversionFailure', `$dateFromString requires that 'dateString' be a string, found: ${typeNameOfMaybe(value)} with value ${valueText(value)}`);
  }
  if (!zone || format === null) return null;
  return new DateTime(format === undefined ? parseDateText(value, zone) : parseFormattedDate(value, format, zone));
}

// ---- the rows

export const dateOperators: readonly Operator[] = [
  partOperator('$year', calendarParts.year, '2024'),
  partOperator('$month', calendarParts.month, '2'),
  partOperator('$dayOfMonth', calendarParts.day, '29'),
  partOperator('$dayOfWeek', ({ days }) => int32(dayOfWeek(days)), '5'),
  partOperator('$dayOfYear', ({ days }) => int32(dayOfYear(days)), '60'),
  partOperator('$week', ({ days }) => int32(weekOfYear(days)), '8'),
  partOperator('$isoWeek', isoParts.isoWeek, '9'),
  partOperator('$isoWeekYear', ({ days }) => BigInt(isoWeekOf(days).year), '{"$numberLong": "2024"}'),
  partOperator('$isoDayOfWeek', isoParts.isoDayOfWeek, '4'),
  partOperator('$hour', clockParts.hour, '12'),
  partOperator('$minute', clockParts.minute, '30'),
  partOperator('$second', clockParts.second, '45'),
  partOperator('$millisecond', clockParts.millisecond, '678'),
  dateToParts,
  dateFromParts,
  dateToString,
  dateFromString,
];


// Dates in the notation of a format of $dateFromString.

import { daysFromCivil, daysFromIsoWeek, isLeapYear } from './calendar.ts';
import { monthNames } from './format-date.ts';
import type { ParsedDate, ParsedZone } from './parsed-date.ts';
import { dateError, dateOfDays, instantOfParsed, parseZonePrefix } from './parsed-date.ts';
import type { TimeZone } from './time-zones.ts';

/** The specifiers of $dateFromString. */
export const inputSpecifiers = 'bBdGHjLmMSuVYzZ';

type Field = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond' | 'isoYear' | 'isoWeek' | 'isoDay' | 'ordinal';

type Found = Partial<Record<Field, number>> & { zone?: ParsedZone };

/** `isFraction`: the digits stand behind a point, so that those left out are zeros at the end. */
type NumberSpecifier = { readonly field: Field; readonly digits: RegExp; readonly expected: string; readonly isFraction?: true };

const numbers: Readonly<Record<string, NumberSpecifier>> = {
  Y: { field: 'year', digits: /\d{4}/y, expected: 'A four digit year could not be found' },
  m: { field: 'month', digits: /\d{1,2}/y, expected: 'A two digit month could not be found' },
  d: { field: 'day', digits: /\d{1,2}/y, expected: 'A two digit day could not be found' },
  H: { field: 'hour', digits: /\d{1,2}/y, expected: 'A two digit hour could not be found' },
  M: { field: 'minute', digits: /\d{2}/y, expected: 'A two digit minute could not be found' },
  S: { field: 'second', digits: /\d{2}/y, expected: 'A two digit second could not be found' },
  L: { field: 'millisecond', digits: /\d{1,3}/y, expected: 'A three digit millisecond could not be found', isFraction: true },
  G: { field: 'isoYear', digits: /\d{1,4}/y, expected: 'A four digit ISO year could not be found' },
  V: { field: 'isoWeek', digits: /\d{1,2}/y, expected: 'A two digit ISO week could not be found' },
  u: { field: 'isoDay', digits: /\d/y, expected: 'A single digit ISO day of week could not be found' },
  j: { field: 'ordinal', digits: /\d{1,3}/y, expected: 'A three digit day-of-year could not be found' },
};

/**
 * Milliseconds since 1970 of `text`, which is written as `format` says (asserted before); without a zone of its own it
 * is a time of `zone`. Throws DocumentError ConversionFailure.
 */
export function parseFormattedDate(text: string, format: string, zone: TimeZone): bigint {
  const found: Found = {};
  let place = 0;
  const fail = (message: string): never => {
    throw dateError(text, `${place}: ${message} '${text[place] ?? ''}'`);
  };
  for (const [element] of format.matchAll(/%[^]|[^]/gu)) {
    if (place >= text.length) fail('Not enough data available to satisfy format');
    const length = element.startsWith('%') && element !== '%%' ? readSpecifier(found, element[1]!, text, place) : literalLength(element, text, place);
    if (typeof length === 'string') fail(length);
    else place += length;
  }
  if (place < text.length) fail('Trailing data');
  return instantOfParsed(text, parsedOf(text, found), zone);
}

function literalLength(element: string, text: string, place: number): number | string {
  const literal = element === '%%' ? '%' : element;
  return text.startsWith(literal, place) ? literal.length : 'The format separator does not match';
}

/** The length that was read, or what is wrong. */
function readSpecifier(found: Found, specifier: string, text: string, place: number): number | string {
  if (specifier === 'z') return readZone(found, text, place);
  if (specifier === 'Z') return readZoneMinutes(found, text, place);
  if (specifier === 'b' || specifier === 'B') return readMonthName(found, text, place);
  const { field, digits, expected, isFraction } = numbers[specifier]!;
  digits.lastIndex = place;
  const match = digits.exec(text);
  if (!match) return expected;
  found[field] = Number(isFraction ? match[0].padEnd(3, '0') : match[0]);
  return match[0].length;
}

function readZone(found: Found, text: string, place: number): number | string {
  const start = place + /^[ \t]*/.exec(text.slice(place))![0].length;
  const parsed = parseZonePrefix(text.slice(start));
  if (!parsed) return /[A-Za-z]/.test(text[start] ?? '') ? 'passing a time zone identifier as part of the string is not allowed' : 'The timezone could not be found in the database';
  found.zone = parsed.zone;
  return start - place + parsed.length;
}

function readZoneMinutes(found: Found, text: string, place: number): number | string {
  const match = /^([+-]?)(\d{1,4})/.exec(text.slice(place));
  if (!match) return 'Invalid timezone offset in minutes';
  found.zone = { offset: Number(match[2]) * (match[1] === '-' ? -60 : 60) };
  return match[0].length;
}

/** A whole word, in any case: the name or its first letters, `sept`, or a Roman numeral. */
function readMonthName(found: Found, text: string, place: number): number | string {
  const [word] = /^[A-Za-z]*/.exec(text.slice(place))!;
  const month = monthNumbers.get(word.toLowerCase());
  if (month === undefined) return 'A textual month could not be found';
  found.month = month;
  return word.length;
}

const romanNumerals = ['i', 'ii', 'iii', 'iv', 'v', 'vi', 'vii', 'viii', 'ix', 'x', 'xi', 'xii'];

const monthNumbers: ReadonlyMap<string, number> = new Map([
  ...monthNames.flatMap((name, index) => [name.toLowerCase(), name.slice(0, 3).toLowerCase(), romanNumerals[index]!].map((word) => [word, index + 1] as const)),
  ['sept', 9],
]);

function parsedOf(text: string, found: Found): ParsedDate {
  const parsed: ParsedDate = {};
  const date = dateOf(text, found);
  if (date) parsed.date = date;
  const { hour, minute, second, millisecond } = found;
  if ([hour, minute, second, millisecond].some((part) => part !== undefined)) {
    parsed.time = { hour: hour ?? 0, minute: minute ?? 0, second: second ?? 0, millisecond: millisecond ?? 0 };
  }
  if (found.zone) parsed.zone = found.zone;
  return parsed;
}

function dateOf(text: string, found: Found): ParsedDate['date'] {
  const { year, month, day, isoYear, isoWeek, isoDay, ordinal } = found;
  const isIso = isoYear !== undefined || isoWeek !== undefined || isoDay !== undefined;
  if (isIso && (year !== undefined || month !== undefined || day !== undefined || ordinal !== undefined)) {
    throw dateError(text, `${text.length}: Mixing of ISO dates with natural dates is not allowed ''`);
  }
  if (isIso) return isoDate(text, isoYear, isoWeek ?? 1, isoDay ?? 1);
  if (ordinal !== undefined) return ordinalDate(text, year, ordinal);
  return month === undefined || day === undefined ? undefined : { year, month, day };
}

function isoDate(text: string, year: number | undefined, week: number, day: number): ParsedDate['date'] {
  if (year === undefined) return undefined;
  // Week 53 of a year that has 52 is the first of the next.
  if (week < 1 || week > 53 || day < 1 || day > 7) throw dateError(text, `${text.length}: The parsed date was invalid ''`);
  return dateOfDays(daysFromIsoWeek(year, week, day));
}

function ordinalDate(text: string, year: number | undefined, ordinal: number): ParsedDate['date'] {
  if (year === undefined) throw dateError(text, `${text.length}: A 'day of year' can only come after a year has been found ''`);
  if (ordinal < 1 || ordinal > (isLeapYear(year) ? 366 : 365)) throw dateError(text, `${text.length}: The parsed date was invalid ''`);
  return dateOfDays(daysFromCivil(year, 1, 1) + ordinal - 1);
}

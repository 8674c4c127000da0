// Dates in free text, in the notations that $dateFromString and $toDate read without a format: ISO 8601 and its
// variants, those of mail and log files, English month names, and offsets relative to a date (`2024-01-31 +1 day`).

import { daysFromCivil, daysFromIsoWeek } from './calendar.ts';
import { monthNames } from './format-date.ts';
import type { ParsedDate } from './parsed-date.ts';
import { dateError, dateOfDays, fullYear, instantOfParsed, parseZonePrefix } from './parsed-date.ts';
import type { TimeZone } from './time-zones.ts';

/** Tells what is wrong with the text; the place is added. */
class DateSyntaxError extends Error {}

type Rule = { readonly pattern: RegExp; readonly apply: (parsed: ParsedDate, match: readonly (string | undefined)[]) => void };

const monthText = '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])';
const weekdayText = '(mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)(?![a-z])';
const gap = String.raw`[ \t.-]*`;
const month2 = '(0[0-9]|1[0-2])';
const day2 = '(0[0-9]|[12][0-9]|3[01])';
const month = '(1[0-2]|0?[0-9])';
const day = '([12][0-9]|3[01]|0?[0-9])';
const daySuffix = '(?:st|nd|rd|th)?';
const hour = '(2[0-4]|[01]?[0-9])';
const minute = '([0-5]?[0-9])';
const second = '(60|[0-5]?[0-9])';

/** Rules are tried at a place in order; the longest match wins, the first of equals. */
const rules: readonly Rule[] = [
  // 2024-02-29, -0044-03-15
  rule(String.raw`([+-]?\d{4})-${month}-${day}`, (parsed, [year, m, d]) => setDate(parsed, Number(year), m, d)),
  rule(String.raw`(\d{1,4})-${month}-${day}`, (parsed, [year, m, d]) => setDate(parsed, fullYear(year!), m, d)),
  rule(String.raw`(\d{4})-${month}(?!\d)`, (parsed, [year, m]) => setDate(parsed, Number(year), m, '1')),
  rule(String.raw`(\d{4})/${month}/${day}/?`, (parsed, [year, m, d]) => setDate(parsed, Number(year), m, d)),
  rule(String.raw`(\d{4})${month2}${day2}(?!\d)`, (parsed, [year, m, d]) => setDate(parsed, Number(year), m, d)),
  // 20240229T123000, with or without colons
  rule(String.raw`(\d{4})${month2}${day2}t${hour}:?([0-5][0-9]):?(60|[0-5][0-9])(?!\d)`, (parsed, [year, m, d, h, i, s]) => {
    setDate(parsed, Number(year), m, d);
    setTime(parsed, h, i, s);
  }),
  // 2024W093, 2024-W09-3
  rule(String.raw`(\d{4})-?w(0[1-9]|[1-4][0-9]|5[0-3])(?:-?([0-7]))?(?!\d)`, (parsed, [year, week, weekday]) => {
    setDays(parsed, daysFromIsoWeek(Number(year), Number(week), Number(weekday ?? 1)));
  }),
  // 2024.060, 2024-060: the day of the year
  rule(String.raw`(\d{4})[.-]?(00[1-9]|0[1-9][0-9]|[12][0-9][0-9]|3[0-5][0-9]|36[0-6])(?!\d)`, (parsed, [year, ordinal]) => {
    setDays(parsed, daysFromCivil(Number(year), 1, 1) + Number(ordinal) - 1);
  }),
  // 2/29/2024, 2/29
  rule(String.raw`${month}/${day}/(\d{4}|\d{1,2})`, (parsed, [m, d, year]) => setDate(parsed, fullYear(year!), m, d)),
  rule(`${month}/${day}`, (parsed, [m, d]) => setDate(parsed, undefined, m, d)),
  // 29.02.2024, 29-02-2024, 29.02.24
  rule(String.raw`${day}[.\t-]${month}[.-](\d{4})`, (parsed, [d, m, year]) => setDate(parsed, Number(year), m, d)),
  rule(String.raw`${day}[.\t]${month}\.(\d{2})(?!\d)`, (parsed, [d, m, year]) => setDate(parsed, fullYear(year!), m, d)),
  // 29 February 2024, 29-Feb-24, 29 Feb, February 2024, 2024 February
  rule(String.raw`${day}${daySuffix}${gap}${monthText}${gap}(\d{4}|\d{1,2})`, (parsed, [d, name, year]) => setDate(parsed, fullYear(year!), monthOf(name), d)),
  rule(String.raw`${day}${daySuffix}${gap}${monthText}`, (parsed, [d, name]) => setDate(parsed, undefined, monthOf(name), d)),
  rule(String.raw`${monthText}${gap}(\d{4})`, (parsed, [name, year]) => setDate(parsed, Number(year), monthOf(name), '1')),
  rule(String.raw`(\d{4})${gap}${monthText}`, (parsed, [year, name]) => setDate(parsed, Number(year), monthOf(name), '1')),
  rule(String.raw`(\d{4})-${monthText}-${day2}`, (parsed, [year, name, d]) => setDate(parsed, Number(year), monthOf(name), d)),
  // Feb-29-2024
  rule(String.raw`${monthText}-${day2}-(\d{1,4})`, (parsed, [name, d, year]) => setDate(parsed, fullYear(year!), monthOf(name), d)),
  // February 29th, 2024; February 29
  rule(String.raw`${monthText}${gap}${day}[,.stndrh\t ]+(\d{4}|\d{1,2})(?![\d:])`, (parsed, [name, d, year]) => setDate(parsed, fullYear(year!), monthOf(name), d)),
  rule(String.raw`${monthText}${gap}${day}[,.stndrh\t ]*(?!\d)`, (parsed, [name, d]) => setDate(parsed, undefined, monthOf(name), d)),
  // 29/Feb/2024:12:30:00 as in log files
  rule(String.raw`${day}/${monthText}/(\d{4}):${hour}:${minute}:${second}`, (parsed, [d, name, year, h, i, s]) => {
    setDate(parsed, Number(year), monthOf(name), d);
    setTime(parsed, h, i, s);
  }),
  // 2024:02:29 12:30:00 as in photographs
  rule(String.raw`(\d{4}):${month2}:${day2} ${hour}:${minute}:${second}`, (parsed, [year, m, d, h, i, s]) => {
    setDate(parsed, Number(year), m, d);
    setTime(parsed, h, i, s);
  }),
  // 12:30, 12:30:00, 12:30:00.123, T12:30; 1230
  rule(String.raw`t?${hour}[:.]${minute}(?:[:.]${second}(?:[.,](\d+))?)?(?!\d)`, (parsed, [h, i, s, fraction]) => setTime(parsed, h, i, s, fraction)),
  rule(String.raw`t?([01][0-9]|2[0-4])([0-5][0-9])(?:(60|[0-5][0-9])(?:[.,](\d+))?)?(?!\d)`, (parsed, [h, i, s, fraction]) => setTime(parsed, h, i, s, fraction)),
  rule(String.raw`t(2[0-4]|[01][0-9])(?!\d)`, (parsed, [h]) => setTime(parsed, h, '0', '0')),
  // 12:30 pm, 3am
  rule(String.raw`(1[0-2]|0?[1-9])(?:[:.]${minute}(?:[:.]${second})?)?[ \t]*([ap])\.?m\.?(?![a-z])`, (parsed, [h, i, s, half]) => {
    setTime(parsed, String((Number(h) % 12) + (half!.toLowerCase() === 'p' ? 12 : 0)), i ?? '0', s);
  }),
  rule(String.raw`@(-?\d+)`, (parsed, [seconds]) => {
    setDate(parsed, 1_970, '1', '1');
    setTime(parsed, '0', '0', '0');
    setZone(parsed, { offset: 0 });
    addRelative(parsed, { milliseconds: Number(seconds) * 1_000 });
  }),
  rule(`${weekdayText}\\.?`, (parsed, [name]) => {
    parsed.weekday = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].indexOf(name!.slice(0, 3).toLowerCase()) + 1;
  }),
  rule('(?:midnight|today)(?![a-z])', (parsed) => setTime(parsed, '0', '0', '0')),
  rule('noon(?![a-z])', (parsed) => setTime(parsed, '12', '0', '0')),
  rule('now(?![a-z])', () => {}),
  rule('tomorrow(?![a-z])', (parsed) => addRelative(parsed, { days: 1 })),
  rule('yesterday(?![a-z])', (parsed) => addRelative(parsed, { days: -1 })),
  rule(String.raw`([+-]?)[ \t]*(\d+)[ \t]*(sec|second|min|minute|hour|day|week|fortnight|month|year)s?([ \t]+ago)?(?![a-z])`, (parsed, [sign, count, unit, ago]) => {
    addUnits(parsed, Number(count) * (sign === '-' ? -1 : 1) * (ago ? -1 : 1), unit!.toLowerCase());
  }),
];

function rule(source: string, apply: Rule['apply']): Rule {
  return { pattern: new RegExp(source, 'iy'), apply };
}

function monthOf(name: string | undefined): string {
  return String(monthNames.findIndex((monthName) => monthName.slice(0, 3).toLowerCase() === name!.slice(0, 3).toLowerCase()) + 1);
}

function setDate(parsed: ParsedDate, year: number | undefined, monthDigits: string | undefined, dayDigits: string | undefined): void {
  if (parsed.date) throw new DateSyntaxError('Double date specification');
  parsed.date = { year, month: Number(monthDigits), day: Number(dayDigits) };
}

function setDays(parsed: ParsedDate, days: number): void {
  if (parsed.date) throw new DateSyntaxError('Double date specification');
  parsed.date = dateOfDays(days);
}

function setTime(parsed: ParsedDate, h: string | undefined, i: string | undefined, s: string | undefined, fraction = ''): void {
  if (parsed.time) throw new DateSyntaxError('Double time specification');
  parsed.time = { hour: Number(h), minute: Number(i), second: Number(s ?? 0), millisecond: Number(`${fraction}000`.slice(0, 3)) };
}

function setZone(parsed: ParsedDate, zone: NonNullable<ParsedDate['zone']>): void {
  if (parsed.zone) throw new DateSyntaxError('Double timezone specification');
  parsed.zone = zone;
}

function addRelative(parsed: ParsedDate, { months = 0, days = 0, milliseconds = 0 }: Partial<NonNullable<ParsedDate['relative']>>): void {
  const { relative = { months: 0, days: 0, milliseconds: 0 } } = parsed;
  parsed.relative = { months: relative.months + months, days: relative.days + days, milliseconds: relative.milliseconds + milliseconds };
}

const unitLengths: Readonly<Record<string, Partial<NonNullable<ParsedDate['relative']>>>> = {
  sec: { milliseconds: 1_000 }, second: { milliseconds: 1_000 }, min: { milliseconds: 60_000 }, minute: { milliseconds: 60_000 }, hour: { milliseconds: 3_600_000 },
  day: { days: 1 }, week: { days: 7 }, fortnight: { days: 14 }, month: { months: 1 }, year: { months: 12 },
};

function addUnits(parsed: ParsedDate, count: number, unit: string): void {
  const { months = 0, days = 0, milliseconds = 0 } = unitLengths[unit]!;
  addRelative(parsed, { months: months * count, days: days * count, milliseconds: milliseconds * count });
}

/**
 * Milliseconds since 1970 of a date in free text; without a zone of its own it is one of `zone`.
 * Throws DocumentError ConversionFailure.
 */
export function parseDateText(text: string, zone: TimeZone): bigint {
  if (text.trim() === '') throw dateError(text, "0: Empty string ''");
  const parsed: ParsedDate = {};
  let place = 0;
  while (place < text.length) {
    const character = text[place]!;
    if (/[ \t\n,;]/.test(character)) {
      place += 1;
      continue;
    }
    try {
      place += parseElement(parsed, text, place);
    } catch (error) {
      if (!(error instanceof DateSyntaxError)) throw error;
      throw dateError(text, `${place}: ${error.message} '${character}'`);
    }
  }
  return instantOfParsed(text, parsed, zone);
}

/** Reads what stands at `place`; gives its length. */
function parseElement(parsed: ParsedDate, text: string, place: number): number {
  const found = longestMatch(text, place);
  // After a time a sign starts an offset, whatever else it might be.
  const zone = parsed.time || !found ? parseZonePrefix(text.slice(place)) : undefined;
  if (zone && zone.length >= (found?.match[0].length ?? 0)) {
    setZone(parsed, zone.zone);
    return zone.length;
  }
  if (found) {
    found.rule.apply(parsed, found.match.slice(1));
    return found.match[0].length;
  }
  if (/[A-Za-z]/.test(text[place]!)) throw new DateSyntaxError('passing a time zone identifier as part of the string is not allowed');
  throw new DateSyntaxError('Unexpected character');
}

function longestMatch(text: string, place: number): { rule: Rule; match: RegExpExecArray } | undefined {
  let longest: { rule: Rule; match: RegExpExecArray } | undefined;
  for (const candidate of rules) {
    candidate.pattern.lastIndex = place;
    const match = candidate.pattern.exec(text);
    if (match && match[0].length > (longest?.match[0].length ?? 0)) longest = { rule: candidate, match };
  }
  return longest;
}

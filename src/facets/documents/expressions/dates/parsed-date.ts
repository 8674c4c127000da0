// What reading a text found of a date, and the instant it stands for.

import { DocumentError } from '../../errors.ts';
import { addMonths, civilFromDays, daysFromCivil, daysInMonth, isoDayOfWeek } from './calendar.ts';
import type { TimeZone } from './time-zones.ts';
import { instantOfLocal } from './time-zones.ts';

/** Offsets east of UTC in seconds; `abbreviation` where the text had letters (`Z`, `EST`) instead of an offset. */
export type ParsedZone = { readonly offset: number; readonly abbreviation?: string };

export type ParsedDate = {
  date?: { year: number | undefined; month: number; day: number };
  /** `millisecond` is truncated. */
  time?: { hour: number; minute: number; second: number; millisecond: number };
  zone?: ParsedZone;
  /** Added after the date is known: `+1 day`. */
  relative?: { months: number; days: number; milliseconds: number };
  /** Monday 1 to Sunday 7: the date moves on to that day. */
  weekday?: number;
};

export function dateError(text: string, details: string): DocumentError {
  return new DocumentError('ConversionFailure', `Error parsing date string '${text}'; ${details}`);
}

/** Milliseconds since 1970. Throws DocumentError ConversionFailure for what is missing, invalid or contradicts `zone`. */
export function instantOfParsed(text: string, parsed: ParsedDate, zone: TimeZone): bigint {
  const { date, time = { hour: 0, minute: 0, second: 0, millisecond: 0 }, relative } = parsed;
  if (date?.year !== undefined && (date.month < 1 || date.month > 12 || date.day < 1 || date.day > daysInMonth(date.year, date.month))) {
    throw dateError(text, `${text.length}: The parsed date was invalid ''`);
  }
  if (time.hour > 23 || time.minute > 59 || time.second > 59) throw dateError(text, `${text.length}: The parsed time was invalid ''`);
  if (!date || date.year === undefined) {
    throw new DocumentError('ConversionFailure', `an incomplete date/time string has been found, with elements missing: "${text}"`);
  }
  assertOneZone(parsed.zone, zone);
  const shifted = addMonths(date.year, date.month, relative?.months ?? 0);
  const days = daysFromCivil(shifted.year, shifted.month, 1) + date.day - 1 + (relative?.days ?? 0);
  const clock = ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000 + time.millisecond + (relative?.milliseconds ?? 0);
  const local = onWeekday(days, parsed.weekday);
  return parsed.zone ? BigInt(local * 86_400_000 + clock - parsed.zone.offset * 1_000) : instantOfLocal(local, clock, zone);
}

function onWeekday(days: number, weekday: number | undefined): number {
  return weekday === undefined ? days : days + ((weekday - isoDayOfWeek(days) + 7) % 7);
}

function assertOneZone(parsed: ParsedZone | undefined, zone: TimeZone): void {
  if (!parsed || zone.isUtc) return;
  if (parsed.abbreviation === undefined) {
    throw new DocumentError('ConversionFailure', 'you cannot pass in a date/time string with GMT offset together with a timezone argument');
  }
  throw new DocumentError(
    'ConversionFailure',
    `you cannot pass in a date/time string with time zone information ('${parsed.abbreviation}') together with a timezone argument`,
  );
}

/** Two digits stand for 1970 to 2069. */
export function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length >= 4 || year >= 100) return year;
  return year + (year < 70 ? 2_000 : 1_900);
}

export function dateOfDays(days: number): { year: number; month: number; day: number } {
  return civilFromDays(days);
}

const hours = (count: number): number => count * 3_600;

/** Abbreviations that stand for one offset; the letters of the military zones follow. */
const abbreviations: ReadonlyMap<string, number> = new Map([
  ['utc', 0], ['gmt', 0], ['wet', 0], ['west', hours(1)], ['bst', hours(1)], ['cet', hours(1)], ['cest', hours(2)], ['eet', hours(2)], ['eest', hours(3)],
  ['msk', hours(3)], ['msd', hours(4)], ['ist', hours(5.5)], ['hkt', hours(8)], ['jst', hours(9)], ['kst', hours(9)], ['nzst', hours(12)], ['nzdt', hours(13)],
  ['nst', hours(-3.5)], ['ndt', hours(-2.5)], ['ast', hours(-4)], ['adt', hours(-3)], ['est', hours(-5)], ['edt', hours(-4)], ['cst', hours(-6)], ['cdt', hours(-5)],
  ['mst', hours(-7)], ['mdt', hours(-6)], ['pst', hours(-8)], ['pdt', hours(-7)], ['akst', hours(-9)], ['akdt', hours(-8)], ['hst', hours(-10)], ['sast', hours(2)],
  ...Array.from('abcdefghiklm').map((letter, index) => [letter, hours(index + 1)] as const),
  ...Array.from('nopqrstuvwxy').map((letter, index) => [letter, hours(-index - 1)] as const),
  ['z', 0],
]);

const zonePattern = /^(?:(?:GMT|UTC)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?(?!\d)|\(?([A-Za-z]{1,6})\)?(?![A-Za-z/_]))/;

/** The zone that `text` starts with, and its length. */
export function parseZonePrefix(text: string): { zone: ParsedZone; length: number } | undefined {
  const match = zonePattern.exec(text);
  if (!match) return undefined;
  const [all, sign, hour, minute = '0', second = '0', letters] = match;
  if (letters !== undefined) {
    const offset = abbreviations.get(letters.toLowerCase());
    return offset === undefined ? undefined : { zone: { offset, abbreviation: letters.toUpperCase() }, length: all.length };
  }
  const offset = Number(hour) * 3_600 + Number(minute) * 60 + Number(second);
  return { zone: { offset: sign === '-' ? -offset : offset }, length: all.length };
}

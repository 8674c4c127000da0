// Time zones: UTC, fixed offsets (`+05:30`) and those of the Olson database, which JavaScript's Intl knows. Intl is slow
// to ask, so what it says of a zone is kept as the year's periods of one offset.

import { DocumentError } from '../../errors.ts';
import type { DayTime } from './calendar.ts';
import { civilFromDays, joinDayTime, millisecondsPerDay, splitDayTime } from './calendar.ts';

export type TimeZone = {
  /** As it was given. */
  readonly id: string;
  /** UTC itself or an offset of zero, but no Olson zone. */
  readonly isUtc: boolean;
  /** Seconds to add to UTC at an instant, in milliseconds since 1970, and since when that is so (-Infinity: long since). */
  readonly periodAt: (milliseconds: bigint) => Period;
};

/** `start` in milliseconds since 1970, `offset` in seconds. */
export type Period = { readonly start: number; readonly offset: number };

export const utc: TimeZone = fixedZone('UTC', 0);

function fixedZone(id: string, offset: number): TimeZone {
  const period = { start: Number.NEGATIVE_INFINITY, offset };
  return { id, isUtc: offset === 0, periodAt: () => period };
}

const zones = new Map<string, TimeZone>([['UTC', utc]]);

/** Offsets may be written in many ways; the map must not grow with them. */
const maxKeptZones = 2_000;

/** `Europe/Paris` (spelled exactly so), `+05:30`, `-0800`, `+02`. Throws DocumentError 40485. */
export function findTimeZone(id: string): TimeZone {
  const known = zones.get(id);
  if (known) return known;
  const offset = offsetOf(id);
  const zone = offset === undefined ? olsonZone(id) : fixedZone(id, offset);
  if (!zone) throw new DocumentError(40485, `unrecognized time zone identifier: "${id}"`);
  if (zones.size < maxKeptZones) zones.set(id, zone);
  return zone;
}

/** Seconds of `±HH`, `±HHMM` or `±HH:MM`. */
function offsetOf(text: string): number | undefined {
  const match = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(text);
  if (!match) return undefined;
  const seconds = Number(match[2]) * 3_600 + Number(match[3] ?? 0) * 60;
  return match[1] === '-' ? 0 - seconds : seconds;
}

/** Names without a region. */
const regionless = new Set(
  `CET CST6CDT Cuba EET EST EST5EDT Egypt Eire GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST Hongkong Iceland Iran Israel Jamaica Japan Kwajalein
  Libya MET MST MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland Portugal ROC ROK Singapore Turkey UCT Universal W-SU WET Zulu`.split(/\s+/),
);

const regions = /^(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian|Mexico|Pacific|US)\//;

/** Intl takes any case; the names of the database are spelled like this. */
function isOlsonSpelling(id: string): boolean {
  if (!regions.test(id)) return regionless.has(id);
  const [, ...places] = id.split('/');
  return places.every((place) => /^[A-Z]/.test(place) && (place.length <= 4 || /[a-z]|^GMT/.test(place)));
}

function olsonZone(id: string): TimeZone | undefined {
  if (!isOlsonSpelling(id)) return undefined;
  const format = zoneFormat(/^(?:GMT[+-]?0|Greenwich)$/.test(id) ? 'Etc/GMT' : id);
  if (!format) return undefined;
  const years = new Map<number, readonly Period[]>();
  return {
    id,
    isUtc: false,
    periodAt: (milliseconds) => {
      const { instant, shift } = withinTable(milliseconds);
      const year = new Date(instant).getUTCFullYear();
      let periods = years.get(year);
      if (!periods) {
        periods = periodsOfYear(format, year);
        years.set(year, periods);
      }
      const period = periods.findLast(({ start }) => start <= instant)!;
      return shift === 0 ? period : { ...period, start: period.start + shift };
    },
  };
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone, hourCycle: 'h23', era: 'short', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** 400 years: weekdays and leap years repeat, and with them the rules of a zone. */
const cycle = 146_097 * millisecondsPerDay;
const firstInstant = Date.UTC(1_800, 0, 1);
const lastInstant = Date.UTC(2_500, 0, 1);

/** An instant between 1800, before any zone, and 2500 that has the same offset. `shift` leads back, in milliseconds. */
function withinTable(milliseconds: bigint): { instant: number; shift: number } {
  const number = Number(milliseconds);
  if (number < firstInstant) return { instant: firstInstant, shift: 0 };
  if (number < lastInstant) return { instant: number, shift: 0 };
  const cycles = (milliseconds - BigInt(lastInstant)) / BigInt(cycle) + 1n;
  return { instant: Number(milliseconds - cycles * BigInt(cycle)), shift: Number(cycles * BigInt(cycle)) };
}

/** Days between two looks at a zone's offset: no zone has gone to another offset and back within them. */
const step = 8 * millisecondsPerDay;

/** The periods that touch a year of UTC, and the month before it, where the first one's start need not be known. */
function periodsOfYear(format: Intl.DateTimeFormat, year: number): Period[] {
  const end = Date.UTC(year + 1, 0, 1);
  let at = Date.UTC(year - 1, 11, 1);
  let offset = offsetFromIntl(format, at);
  const periods: Period[] = [{ start: Number.NEGATIVE_INFINITY, offset }];
  while (at < end) {
    const next = Math.min(at + step, end);
    const nextOffset = offsetFromIntl(format, next);
    if (nextOffset !== offset) periods.push({ start: changeBetween(format, at, next, nextOffset), offset: nextOffset });
    at = next;
    offset = nextOffset;
  }
  return periods;
}

/** The first second of the new offset. */
function changeBetween(format: Intl.DateTimeFormat, before: number, after: number, newOffset: number): number {
  let low = before / 1_000;
  let high = after / 1_000;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetFromIntl(format, middle * 1_000) === newOffset) high = middle;
    else low = middle;
  }
  return high * 1_000;
}

function offsetFromIntl(format: Intl.DateTimeFormat, milliseconds: number): number {
  const parts: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(milliseconds)) parts[type] = value;
  const year = parts['era'] === 'AD' ? Number(parts['year']) : 1 - Number(parts['year']);
  const local = Date.UTC(year, Number(parts['month']) - 1, Number(parts['day']), Number(parts['hour']), Number(parts['minute']), Number(parts['second']));
  return (local - Math.floor(milliseconds / 1_000) * 1_000) / 1_000;
}

// ---- between UTC and a zone's clocks

/** What calendar and clock of a zone show. `time` in milliseconds since midnight, `offset` in seconds. */
export type LocalTime = DayTime & { readonly offset: number };

export function localTime(milliseconds: bigint, zone: TimeZone): LocalTime {
  const { offset } = zone.periodAt(milliseconds);
  return { ...splitDayTime(milliseconds + BigInt(offset * 1_000)), offset };
}

/** Year, month and day of a zone's calendar. */
export function localDate(local: LocalTime): { year: number; month: number; day: number } {
  return civilFromDays(local.days);
}

/**
 * The instant at which a zone shows a date and time. Of a time that it shows twice, the first one; of a time that it
 * skips, the one that the clocks would show without the skip. Not bounded to 64 bits.
 */
export function instantOfLocal(days: number, time: number | bigint, zone: TimeZone): bigint {
  const asUtc = typeof time === 'bigint' ? joinDayTime(days, 0) + time : joinDayTime(days, time);
  const current = zone.periodAt(asUtc);
  const after = zone.periodAt(asUtc - seconds(current.offset));
  if (current.offset === after.offset) return asUtc - seconds(current.offset);
  const instant = Number(asUtc - seconds(after.offset));
  const isSkipped = instant >= after.start + (current.offset - after.offset) * 1_000 && instant < after.start;
  return asUtc - seconds(isSkipped ? current.offset : after.offset);
}

function seconds(count: number): bigint {
  return BigInt(count) * 1_000n;
}

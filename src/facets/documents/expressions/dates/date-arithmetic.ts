// Sums, differences and truncation of dates by units of the calendar, in a time zone.
// Source: MongoDB's manual ($dateAdd, $dateDiff, $dateTrunc), and its server for the bounds and codes.

import { DocumentError } from '../../errors.ts';
import { fitsLong, maxLong } from '../integer-limits.ts';
import { addMonths, daysFromCivil, daysInMonth, isoDayOfWeek, millisecondsPerDay } from './calendar.ts';
import type { LocalTime, TimeZone } from './time-zones.ts';
import { instantOfLocal, localDate, localTime } from './time-zones.ts';

export type TimeUnit = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond';

const unitNames: ReadonlySet<string> = new Set<TimeUnit>(['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond']);

export function isTimeUnit(name: string): name is TimeUnit {
  return unitNames.has(name);
}

const weekdayNames = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** Monday 1 to Sunday 7, by the full name or its first three letters in any case. */
export function weekdayNumber(name: string): number | undefined {
  const lower = name.toLowerCase();
  const index = weekdayNames.findIndex((weekday) => weekday === lower || weekday.slice(0, 3) === lower);
  return index < 0 ? undefined : index + 1;
}

const unitMilliseconds = { hour: 3_600_000, minute: 60_000, second: 1_000 } as const;

// ---- $dateAdd

const maxDays = 213_503_982_335n;
const maxYears = maxDays / 365n + 1n;

/** An amount must stay below what leads from one end of the dates to the other. */
const amountBounds: Record<Exclude<TimeUnit, 'millisecond'>, bigint> = {
  year: maxYears, quarter: maxYears * 4n, month: maxYears * 12n, week: maxDays / 7n, day: maxDays,
  hour: maxDays * 24n, minute: maxDays * 1_440n, second: maxDays * 86_400n,
};

/**
 * `milliseconds` and `amount` of `unit` later. Months keep the day where the month has it, else take its last day; days
 * and longer units keep the time that the zone's clocks show. Throws DocumentError 5166406, 5976500, DurationOverflow.
 */
export function addToDate(milliseconds: bigint, unit: TimeUnit, amount: bigint, zone: TimeZone): bigint {
  if (unit === 'millisecond') {
    if (!fitsLong(milliseconds + amount)) throw new DocumentError('DurationOverflow', 'Overflow while adding');
    return milliseconds + amount;
  }
  const bound = amountBounds[unit];
  if (amount <= -bound || amount >= bound) throw new DocumentError(5976500, `invalid dateAdd 'amount' parameter value: ${amount} ${unit}`);
  const result = isClockUnit(unit) ? milliseconds + amount * BigInt(unitMilliseconds[unit]) : addDays(milliseconds, unit, Number(amount), zone);
  if (!fitsLong(result)) throw new DocumentError(5166406, 'dateAdd overflowed');
  return result;
}

function isClockUnit(unit: TimeUnit): unit is keyof typeof unitMilliseconds {
  return unit in unitMilliseconds;
}

type CalendarUnit = 'year' | 'quarter' | 'month' | 'week' | 'day';

function addDays(milliseconds: bigint, unit: CalendarUnit, amount: number, zone: TimeZone): bigint {
  const local = localTime(milliseconds, zone);
  return instantOfLocal(shiftedDays(local, unit, amount), local.time, zone);
}

const monthsPerUnit = { year: 12, quarter: 3, month: 1 } as const;

function shiftedDays(local: LocalTime, unit: CalendarUnit, amount: number): number {
  if (unit === 'day') return local.days + amount;
  if (unit === 'week') return local.days + amount * 7;
  const { year, month, day } = localDate(local);
  const shifted = addMonths(year, month, amount * monthsPerUnit[unit]);
  return daysFromCivil(shifted.year, shifted.month, Math.min(day, daysInMonth(shifted.year, shifted.month)));
}

// ---- $dateDiff

/** How many boundaries of `unit` lie between two instants, by the zone's calendar and clocks. Throws DocumentError 5166308. */
export function differenceOfDates(start: bigint, end: bigint, unit: TimeUnit, zone: TimeZone, startOfWeek: number): bigint {
  if (unit === 'millisecond') {
    if (!fitsLong(end - start)) throw new DocumentError(5166308, 'dateDiff overflowed');
    return end - start;
  }
  const [from, to] = [localTime(start, zone), localTime(end, zone)];
  if (isClockUnit(unit)) return clockDifference(from, to, unit);
  return BigInt(calendarDifference(from, to, unit, startOfWeek));
}

function clockDifference(from: LocalTime, to: LocalTime, unit: keyof typeof unitMilliseconds): bigint {
  const length = unitMilliseconds[unit];
  const clock = Math.floor(to.time / length) - Math.floor(from.time / length);
  const ofOffsets = Math.trunc(((from.offset - to.offset) * 1_000) / length);
  return BigInt(to.days - from.days) * BigInt(millisecondsPerDay / length) + BigInt(clock + ofOffsets);
}

function calendarDifference(from: LocalTime, to: LocalTime, unit: CalendarUnit, startOfWeek: number): number {
  if (unit === 'day') return to.days - from.days;
  if (unit === 'week') return (to.days - dayWithinWeek(to.days, startOfWeek) - (from.days - dayWithinWeek(from.days, startOfWeek))) / 7;
  const [first, last] = [localDate(from), localDate(to)];
  const years = last.year - first.year;
  if (unit === 'year') return years;
  if (unit === 'quarter') return years * 4 + Math.floor((last.month - 1) / 3) - Math.floor((first.month - 1) / 3);
  return years * 12 + last.month - first.month;
}

function dayWithinWeek(days: number, startOfWeek: number): number {
  return (isoDayOfWeek(days) - startOfWeek + 7) % 7;
}

// ---- $dateTrunc

const maxCalendarBinSize = 100_000_000_000n;

/**
 * The start of the bin that an instant lies in. Bins of `binSize` units are counted from 2000-01-01T00:00 in the zone,
 * those of weeks from the first `startOfWeek` (Monday 1) on or after it.
 * Throws DocumentError 5439000 to 5439006, and those of adding.
 */
export function truncateDate(milliseconds: bigint, unit: TimeUnit, binSize: bigint, zone: TimeZone, startOfWeek: number): bigint {
  const referenceDays = daysFromCivil(2_000, 1, 1) + (unit === 'week' ? (7 - dayWithinWeek(daysFromCivil(2_000, 1, 1), startOfWeek)) % 7 : 0);
  const reference = instantOfLocal(referenceDays, 0, zone);
  if (unit === 'millisecond' || isClockUnit(unit)) {
    return truncateByMilliseconds(milliseconds, reference, binSize * BigInt(unit === 'millisecond' ? 1 : unitMilliseconds[unit]));
  }
  if (binSize > maxCalendarBinSize) throw new DocumentError(5439006, 'dateTrunc unsupported binSize value');
  const distance = BigInt(calendarDifference(localTime(reference, zone), localTime(milliseconds, zone), unit, startOfWeek));
  return addToDate(reference, unit, distance - floorRemainder(distance, binSize), zone);
}

function truncateByMilliseconds(milliseconds: bigint, reference: bigint, binSize: bigint): bigint {
  if (binSize > maxLong) throw new DocumentError(5439002, 'dateTrunc overflowed');
  const shifted = milliseconds - reference;
  if (!fitsLong(shifted)) throw new DocumentError(5439000, 'dateTrunc overflowed');
  const result = milliseconds - floorRemainder(shifted, binSize);
  if (!fitsLong(result)) throw new DocumentError(5439001, 'dateTrunc overflowed');
  return result;
}

function floorRemainder(value: bigint, divisor: bigint): bigint {
  const remainder = value % divisor;
  return remainder < 0n ? remainder + divisor : remainder;
}

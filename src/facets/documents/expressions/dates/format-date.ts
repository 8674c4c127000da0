// Dates as text, by the format specifiers of $dateToString. Source: MongoDB's manual.

import { DocumentError } from '../../errors.ts';
import { dayOfWeek, dayOfYear, isoDayOfWeek, isoWeekOf, weekOfYear } from './calendar.ts';
import type { LocalTime, TimeZone } from './time-zones.ts';
import { localDate, localTime, utc } from './time-zones.ts';

export const monthNames = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December',
] as const;

type Specifier = (local: LocalTime) => string;

const specifiers: Readonly<Record<string, Specifier>> = {
  '%': () => '%',
  b: (local) => monthNames[localDate(local).month - 1]!.slice(0, 3),
  B: (local) => monthNames[localDate(local).month - 1]!,
  d: (local) => padded(localDate(local).day, 2),
  G: (local) => padded(isoWeekOf(local.days).year, 4),
  H: (local) => padded(Math.floor(local.time / 3_600_000), 2),
  j: (local) => padded(dayOfYear(local.days), 3),
  L: (local) => padded(local.time % 1_000, 3),
  m: (local) => padded(localDate(local).month, 2),
  M: (local) => padded(Math.floor(local.time / 60_000) % 60, 2),
  S: (local) => padded(Math.floor(local.time / 1_000) % 60, 2),
  u: (local) => String(isoDayOfWeek(local.days)),
  U: (local) => padded(weekOfYear(local.days), 2),
  V: (local) => padded(isoWeekOf(local.days).week, 2),
  w: (local) => String(dayOfWeek(local.days)),
  Y: (local) => padded(localDate(local).year, 4),
  z: ({ offset }) => `${offset < 0 ? '-' : '+'}${offsetDigits(Math.trunc(Math.abs(offset) / 60))}`,
  // The manual shows a plus sign; the server gives none.
  Z: ({ offset }) => String(Math.trunc(offset / 60) + 0),
};

function offsetDigits(minutes: number): string {
  return padded(Math.floor(minutes / 60), 2) + padded(minutes % 60, 2);
}

function padded(value: number, width: number): string {
  if (value < 0 || value > 9_999) {
    throw new DocumentError(18537, `Could not convert date to string: date component was outside the supported range of 0-9999: ${value}`);
  }
  return String(value).padStart(width, '0');
}

export const isoFormat = '%Y-%m-%dT%H:%M:%S.%LZ';

/** Throws DocumentError 18535 and 18536 where a `%` is not followed by one of `allowed`. */
export function assertDateFormat(format: string, allowed: string): void {
  for (const [text] of format.matchAll(/%[^]?/gu)) {
    if (text === '%') throw new DocumentError(18535, "Unmatched '%' at end of format string");
    if (text !== '%%' && !allowed.includes(text[1]!)) throw new DocumentError(18536, `Invalid format character '${text}' in format string`);
  }
}

/** The specifiers of $dateToString. */
export const outputSpecifiers = 'bBdGHjLmMSuUVwYzZ';

/** `format` was asserted. Throws DocumentError 18537 for a year beyond 0 to 9999. */
export function formatDate(format: string, milliseconds: bigint, zone: TimeZone): string {
  const local = localTime(milliseconds, zone);
  return format.replace(/%(.)/gu, (_, specifier: string) => specifiers[specifier]!(local));
}

/** `2024-02-29T12:00:00.000Z`. Throws DocumentError 18537. */
export function isoDateText(milliseconds: bigint): string {
  return formatDate(isoFormat, milliseconds, utc);
}

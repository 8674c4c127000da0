// The proleptic Gregorian calendar over all the years that 64 bits of milliseconds reach, which are more than a
// JavaScript Date holds. Days are counted from 1970-01-01, months from 1.

export const millisecondsPerDay = 86_400_000;

export type CivilDate = { readonly year: number; readonly month: number; readonly day: number };

/** An instant split where numbers stay exact: whole days since 1970, and the milliseconds within the day. */
export type DayTime = { readonly days: number; readonly time: number };

/** Milliseconds since 1970 as a day and the time within it. */
export function splitDayTime(milliseconds: bigint): DayTime {
  const perDay = BigInt(millisecondsPerDay);
  const time = ((milliseconds % perDay) + perDay) % perDay;
  return { days: Number((milliseconds - time) / perDay), time: Number(time) };
}

export function joinDayTime(days: number, time: number): bigint {
  return BigInt(days) * BigInt(millisecondsPerDay) + BigInt(time);
}

/** Euclid's algorithms over eras of 400 years (146,097 days), each starting on March 1st. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

export function civilFromDays(days: number): CivilDate {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return { year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1 };
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : monthLengths[month - 1]!;
}

/** The month that is `months` after (before) the one of `year` and `month`. */
export function addMonths(year: number, month: number, months: number): { year: number; month: number } {
  const total = year * 12 + (month - 1) + months;
  const shifted = Math.floor(total / 12);
  return { year: shifted, month: total - shifted * 12 + 1 };
}

/** Monday 1 to Sunday 7. */
export function isoDayOfWeek(days: number): number {
  return ((((days + 3) % 7) + 7) % 7) + 1;
}

/** From 1. */
export function dayOfYear(days: number): number {
  return days - daysFromCivil(civilFromDays(days).year, 1, 1) + 1;
}

/** The week of ISO 8601 that the day lies in, and the year that the week belongs to. */
export function isoWeekOf(days: number): { year: number; week: number } {
  const thursday = days - isoDayOfWeek(days) + 4;
  const { year } = civilFromDays(thursday);
  return { year, week: Math.floor((thursday - daysFromCivil(year, 1, 1)) / 7) + 1 };
}

/** The day of a week of ISO 8601; weeks and days beyond theirs count on. */
export function daysFromIsoWeek(year: number, week: number, day: number): number {
  const fourth = daysFromCivil(year, 1, 4);
  return fourth - isoDayOfWeek(fourth) + (week - 1) * 7 + day;
}

/** Weeks start on Sundays; the days before the first Sunday are week 0. */
export function weekOfYear(days: number): number {
  return Math.floor((dayOfYear(days) - dayOfWeek(days) + 7) / 7);
}

/** Sunday 1 to Saturday 7. */
export function dayOfWeek(days: number): number {
  return (isoDayOfWeek(days) % 7) + 1;
}

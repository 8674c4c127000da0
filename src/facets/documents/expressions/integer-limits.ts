// What the integer types hold.

export const maxInt = 2_147_483_647;
const minInt = -2_147_483_648;
export const maxLong = 9_223_372_036_854_775_807n;
export const minLong = -9_223_372_036_854_775_808n;
/** 2^63: the first double beyond the longs. */
export const twoTo63 = 9_223_372_036_854_775_808;

/** Within 64 bits: what a long holds, and a date in milliseconds. */
export function fitsLong(value: bigint): boolean {
  return value >= minLong && value <= maxLong;
}

export function fitsInt(value: number): boolean {
  return value >= minInt && value <= maxInt;
}

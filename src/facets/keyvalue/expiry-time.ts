// When a key expires: milliseconds since 1970, of which Redis takes all that 64 bits hold.

/** A number as long as a double holds it exactly, since bigints are slower; the two compare with each other. */
export type ExpiryTime = number | bigint;

const lastNumber = BigInt(Number.MAX_SAFE_INTEGER);

export function expiryTimeOf(milliseconds: bigint): ExpiryTime {
  return milliseconds > lastNumber || milliseconds < -lastNumber ? milliseconds : Number(milliseconds);
}

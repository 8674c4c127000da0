// Numbers of some 106 bits as the unevaluated sum of two doubles, the second at most half of the last digit of the first:
// a result computed in them rounds to the nearest double, whatever the engine's own functions give.
// Source: T. J. Dekker, "A floating-point technique for extending the available precision", 1971.

/** The value is high + low; `high` alone is the nearest double. */
export type DoubleDouble = { readonly high: number; readonly low: number };

export function doubleDouble(high: number, low = 0): DoubleDouble {
  return { high, low };
}

/** a + b exactly, for |a| ≥ |b|. */
function quickSum(a: number, b: number): DoubleDouble {
  const high = a + b;
  return { high, low: b - (high - a) };
}

/** a + b exactly. */
export function exactSum(a: number, b: number): DoubleDouble {
  const high = a + b;
  const shareOfB = high - a;
  return { high, low: a - (high - shareOfB) + (b - shareOfB) };
}

/** 2^27 + 1: splits 53 bits in two halves whose products are exact. */
const splitter = 134_217_729;

/** a × b exactly, of factors below 2^996. */
export function exactProduct(a: number, b: number): DoubleDouble {
  const high = a * b;
  const wideA = a * splitter;
  const wideB = b * splitter;
  const headA = wideA - (wideA - a);
  const headB = wideB - (wideB - b);
  const tailA = a - headA;
  const tailB = b - headB;
  return { high, low: headA * headB - high + headA * tailB + tailA * headB + tailA * tailB };
}

export function negate({ high, low }: DoubleDouble): DoubleDouble {
  return { high: -high, low: -low };
}

export function add(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const highs = exactSum(a.high, b.high);
  const lows = exactSum(a.low, b.low);
  const sum = quickSum(highs.high, highs.low + lows.high);
  return quickSum(sum.high, sum.low + lows.low);
}

export function subtract(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  return add(a, negate(b));
}

export function multiply(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const product = exactProduct(a.high, b.high);
  return quickSum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

/** By a power of two, or where half a digit more or less does not matter. */
export function scale({ high, low }: DoubleDouble, factor: number): DoubleDouble {
  return { high: high * factor, low: low * factor };
}

export function divide(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const first = a.high / b.high;
  const rest = subtract(a, multiply(b, doubleDouble(first)));
  const second = rest.high / b.high;
  const last = subtract(rest, multiply(b, doubleDouble(second)));
  return add(quickSum(first, second), doubleDouble(last.high / b.high));
}

/** Of a number that is not negative. */
export function squareRoot(a: DoubleDouble): DoubleDouble {
  if (a.high === 0) return a;
  const root = Math.sqrt(a.high);
  const rest = subtract(a, exactProduct(root, root));
  return quickSum(root, rest.high / (2 * root));
}

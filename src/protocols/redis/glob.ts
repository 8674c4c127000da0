// Glob-style patterns as Redis matches them (KEYS, SCAN, PSUBSCRIBE, CONFIG GET): `*`, `?`, `[a-z]`, `[^a]` and `\` to
// take a character as it is. Follows `stringmatchlen` of Redis 7.0 byte for byte, unfinished classes included.

const star = 0x2a;
const question = 0x3f;
const open = 0x5b;
const close = 0x5d;
const caret = 0x5e;
const dash = 0x2d;
const backslash = 0x5c;

/** As Redis's protection against abusive patterns: one with more stars than this matches nothing that needs them. */
const mostNesting = 1000;

/** True when the pattern matches the whole text. `ignoreCase` concerns ASCII letters. */
export function matchesGlob(pattern: Buffer, text: Buffer, ignoreCase = false): boolean {
  // Of many patterns most differ in the first bytes: to find that costs no object.
  if (!ignoreCase && differsAtOnce(pattern, text)) return false;
  return new Matcher(pattern, text, ignoreCase).matches(0, 0);
}

/** A byte differs before the first that stands for others. */
function differsAtOnce(pattern: Buffer, text: Buffer): boolean {
  const end = Math.min(pattern.length, text.length);
  for (let at = 0; at < end; at++) {
    const byte = pattern[at]!;
    if (byte === star || byte === question || byte === open || byte === backslash) return false;
    if (byte !== text[at]) return true;
  }
  return false;
}

/** The bytes that every match begins with. */
export function literalPrefix(pattern: Buffer): Buffer {
  const end = pattern.findIndex((byte) => byte === star || byte === question || byte === open || byte === backslash);
  return end < 0 ? pattern : pattern.subarray(0, end);
}

class Matcher {
  readonly #pattern: Buffer;
  readonly #text: Buffer;
  readonly #fold: (byte: number) => number;
  /** What follows a `*` is nowhere in the rest of the text: longer matches of an earlier `*` cannot help. */
  #isHopeless = false;
  /** How many stars are being tried. */
  #nesting = 0;

  constructor(pattern: Buffer, text: Buffer, ignoreCase: boolean) {
    this.#pattern = pattern;
    this.#text = text;
    this.#fold = ignoreCase ? lowerCase : (byte) => byte;
  }

  matches(patternStart: number, textStart: number): boolean {
    const pattern = this.#pattern;
    const text = this.#text;
    let at = patternStart;
    let position = textStart;
    while (at < pattern.length && position < text.length) {
      const byte = pattern[at]!;
      if (byte === star) return this.#matchesStar(at, position);
      if (byte === open) {
        const end = this.#matchClass(at + 1, text[position]!);
        if (end < 0) return false;
        at = end;
      } else if (byte !== question) {
        if (byte === backslash && at + 1 < pattern.length) at += 1;
        if (this.#fold(pattern[at]!) !== this.#fold(text[position]!)) return false;
      }
      at += 1;
      position += 1;
    }
    // Only after something was matched do trailing stars match nothing: Redis's empty text matches no `*`.
    if (position === text.length && position > textStart) while (pattern[at] === star) at += 1;
    return at >= pattern.length && position === text.length;
  }

  #matchesStar(first: number, textStart: number): boolean {
    let at = first;
    while (this.#pattern[at + 1] === star) at += 1;
    if (at + 1 === this.#pattern.length) return true;
    this.#nesting += 1;
    const isMatch = this.#nesting <= mostNesting && this.#matchesRest(at + 1, textStart);
    this.#nesting -= 1;
    return isMatch;
  }

  /** Whether what follows a `*` matches the end of the text from here on or from anywhere after. */
  #matchesRest(at: number, textStart: number): boolean {
    for (let position = textStart; position < this.#text.length; position++) {
      if (this.matches(at, position)) return true;
      if (this.#isHopeless) return false;
    }
    this.#isHopeless = true;
    return false;
  }

  /** The index of the byte that ends the class which begins at `start`, or -1 when it does not hold the byte. */
  #matchClass(start: number, byte: number): number {
    const pattern = this.#pattern;
    const isNegated = pattern[start] === caret;
    let at = isNegated ? start + 1 : start;
    let isMatch = false;
    for (; ; at++) {
      if (at + 1 < pattern.length && pattern[at] === backslash) {
        at += 1;
        if (pattern[at] === byte) isMatch = true;
      } else if (pattern[at] === close) break;
      else if (at >= pattern.length) {
        at -= 1;
        break;
      } else if (at + 2 < pattern.length && pattern[at + 1] === dash) {
        if (this.#isInRange(byte, pattern[at]!, pattern[at + 2]!)) isMatch = true;
        at += 2;
      } else if (this.#fold(pattern[at]!) === this.#fold(byte)) isMatch = true;
    }
    return isMatch === isNegated ? -1 : at;
  }

  #isInRange(byte: number, first: number, last: number): boolean {
    const [start, end] = signed(first) <= signed(last) ? [first, last] : [last, first];
    const value = signed(this.#fold(byte));
    return value >= signed(this.#fold(start)) && value <= signed(this.#fold(end));
  }
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

/** Redis compares C's signed characters. */
function signed(byte: number): number {
  return (byte << 24) >> 24;
}

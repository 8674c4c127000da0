// Sets of characters in regular expressions: as ranges of code points, and written for JavaScript.

export type Range = readonly [first: number, last: number];

/** Ranges, and Unicode properties written out (`\p{Lu}`). */
export type CharacterSet = { readonly ranges: readonly Range[]; readonly properties?: readonly string[] };

const lastCodePoint = 0x10ffff;

/** The code points of none of the ranges. */
function complement(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  let next = 0;
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (first > next) result.push([next, first - 1]);
    next = Math.max(next, last + 1);
  }
  if (next <= lastCodePoint) result.push([next, lastCodePoint]);
  return result;
}

function rangesOf(...pairs: (string | readonly [string, string])[]): Range[] {
  return pairs.map((pair) => (typeof pair === 'string' ? [pair.codePointAt(0)!, pair.codePointAt(0)!] : [pair[0].codePointAt(0)!, pair[1].codePointAt(0)!]));
}

const digits = rangesOf(['0', '9']);
const upper = rangesOf(['A', 'Z']);
const lower = rangesOf(['a', 'z']);
const letters = [...upper, ...lower];
const word = [...digits, ...letters, ...rangesOf('_')];
const space = rangesOf(['\t', '\r'], ' ');
const horizontal = rangesOf('\t', ' ', '\u00a0', '\u1680', '\u180e', ['\u2000', '\u200a'], '\u202f', '\u205f', '\u3000');
const vertical = rangesOf(['\n', '\r'], '\u0085', ['\u2028', '\u2029']);

/** The long s and the Kelvin sign: with the flag `i` JavaScript takes them, and then s and k, for one another. */
const foldingToWord = rangesOf('\u017f', '\u212a');

/** What `\d` and its like stand for; ASCII only, save `\h` and `\v`. */
const classEscapes: Readonly<Record<string, readonly Range[]>> = {
  d: digits, D: complement(digits), w: word, W: complement([...word, ...foldingToWord]), s: space, S: complement(space),
  h: horizontal, H: complement(horizontal), v: vertical, V: complement(vertical),
};

/** `[:alpha:]` and its like. */
const posixClasses: Readonly<Record<string, readonly Range[]>> = {
  alnum: [...digits, ...letters], alpha: letters, ascii: [[0, 127]], blank: rangesOf('\t', ' '), cntrl: [[0, 31], [127, 127]], digit: digits, graph: [[33, 126]],
  lower, print: [[32, 126]], punct: [[33, 47], [58, 64], [91, 96], [123, 126]], space, upper, word, xdigit: [...digits, ...rangesOf(['A', 'F'], ['a', 'f'])],
};

const ofProperties = (...properties: string[]): CharacterSet => ({ ranges: [], properties: properties.map((name) => `\\p{${name}}`) });
const ofRanges = (ranges: readonly Range[]): CharacterSet => ({ ranges });

const wordProperties: CharacterSet = { ...ofProperties('L', 'N'), ranges: rangesOf('_') };
/** Every other category; of the connectors all but the underscore. */
const notWordProperties: CharacterSet = {
  ...ofProperties('M', 'Pd', 'Pe', 'Pf', 'Pi', 'Po', 'Ps', 'S', 'Z', 'C'),
  ranges: rangesOf(['\u203f', '\u2040'], '\u2054', ['\ufe33', '\ufe34'], ['\ufe4d', '\ufe4f'], '\uff3f'),
};
const anySpace = [...space, ...horizontal, ...vertical];

/** What `\d` and its like stand for after `(*UCP)`. */
const unicodeClassEscapes: Readonly<Record<string, CharacterSet>> = {
  d: ofProperties('Nd'), D: { ranges: [], properties: ['\\P{Nd}'] }, w: wordProperties, W: notWordProperties, s: ofRanges(anySpace), S: ofRanges(complement(anySpace)),
};

/** `\d` and its like, by their letters. */
export function classEscape(letter: string, isUnicode: boolean): CharacterSet | undefined {
  const ranges = classEscapes[letter];
  return (isUnicode ? unicodeClassEscapes[letter] : undefined) ?? (ranges && { ranges });
}

type SetAndComplement = { readonly set: CharacterSet; readonly complement: CharacterSet };

function ofRangesAndComplement(ranges: readonly Range[]): SetAndComplement {
  return { set: { ranges }, complement: { ranges: complement(ranges) } };
}

/** The properties that PCRE adds to those of Unicode. */
export const additionalProperties: Readonly<Record<string, SetAndComplement>> = {
  Xan: { set: ofProperties('L', 'N'), complement: ofProperties('M', 'P', 'S', 'Z', 'C') },
  Xps: ofRangesAndComplement(anySpace),
  Xsp: ofRangesAndComplement(anySpace),
  Xuc: ofRangesAndComplement([...rangesOf('$', '@', '`'), [0xa0, 0xd7ff], [0xe000, lastCodePoint]]),
  Xwd: { set: wordProperties, complement: notWordProperties },
};

/** `[:alpha:]` and its like after `(*UCP)`, where they are others than before. */
const unicodePosixClasses: Readonly<Record<string, SetAndComplement>> = {
  alnum: additionalProperties['Xan']!,
  alpha: { set: ofProperties('L'), complement: { ranges: [], properties: ['\\P{L}'] } },
  blank: ofRangesAndComplement(horizontal),
  cntrl: { set: ofProperties('Cc'), complement: { ranges: [], properties: ['\\P{Cc}'] } },
  digit: { set: ofProperties('Nd'), complement: { ranges: [], properties: ['\\P{Nd}'] } },
  lower: { set: ofProperties('Ll'), complement: { ranges: [], properties: ['\\P{Ll}'] } },
  space: ofRangesAndComplement(anySpace),
  upper: { set: ofProperties('Lu'), complement: { ranges: [], properties: ['\\P{Lu}'] } },
  word: additionalProperties['Xwd']!,
};

/** Undefined for what is no name of a class. */
export function posixClass(name: string, { isNegated, isUnicode }: { readonly isNegated: boolean; readonly isUnicode: boolean }): CharacterSet | undefined {
  const unicode = isUnicode ? unicodePosixClasses[name] : undefined;
  if (unicode) return isNegated ? unicode.complement : unicode.set;
  const ranges = posixClasses[name];
  return ranges && { ranges: isNegated ? complement(ranges) : ranges };
}

/** POSIX classes that `(*UCP)` changes in a way that is not known here. */
export const unknownUnicodeClasses: ReadonlySet<string> = new Set(['graph', 'print', 'punct']);

/** Of a single code point: itself and its other cases. */
export function caseVariants(codePoint: number): number[] {
  const character = String.fromCodePoint(codePoint);
  const variants = [character, character.toLowerCase(), character.toUpperCase()].filter((variant) => variant.length === character.length && Array.from(variant).length === 1);
  return [...new Set(variants.map((variant) => variant.codePointAt(0)!))];
}

/** Ranges wider than this are taken to hold both cases of their letters, save those of ASCII. */
const widestExpanded = 1_000;

/** The ranges and the other cases of what is in them. */
export function withCaseVariants(ranges: readonly Range[]): Range[] {
  return ranges.flatMap((range): Range[] => {
    const [first, last] = range;
    const inAscii: Range = [first, Math.min(last, 127)];
    const [from, to] = last - first <= widestExpanded ? range : inAscii;
    const variants: Range[] = [range];
    for (let codePoint = from; codePoint <= to; codePoint++) {
      for (const variant of caseVariants(codePoint)) if (variant !== codePoint) variants.push([variant, variant]);
    }
    return variants;
  });
}

/** A code point that stands for itself, inside of brackets and outside. */
export function literalSource(codePoint: number): string {
  const character = String.fromCodePoint(codePoint);
  return /[0-9A-Za-z_]/.test(character) ? character : `\\u{${codePoint.toString(16)}}`;
}

/** `[…]` as JavaScript has it. An empty set matches nothing, its complement anything. */
export function setSource({ ranges, properties = [] }: CharacterSet, isNegated: boolean): string {
  const items = ranges.map(([first, last]) => (first === last ? literalSource(first) : `${literalSource(first)}-${literalSource(last)}`));
  return `[${isNegated ? '^' : ''}${items.join('')}${properties.join('')}]`;
}

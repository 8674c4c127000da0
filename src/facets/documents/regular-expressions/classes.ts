// Sets of characters in regular expressions: as ranges of code points, and written for JavaScript.

export type Range = readonly [first: number, last: number];

/** Ranges, and Unicode properties written out (`\p{Lu}`). Without case the other cases of `ranges` are in it, but not those of the rest. */
export type CharacterSet = { readonly ranges: readonly Range[]; readonly exact?: readonly Range[]; readonly properties?: readonly string[] };

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

/** What `\d` and its like stand for; ASCII only, save `\h` and `\v`. */
const classEscapes: Readonly<Record<string, readonly Range[]>> = {
  d: digits, D: complement(digits), w: word, W: complement(word), s: space, S: complement(space),
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

type PosixOptions = { readonly isNegated: boolean; readonly isUnicode: boolean; readonly isCaseless: boolean };

/** Undefined for what is no name of a class. */
export function posixClass(name: string, { isNegated, isUnicode, isCaseless }: PosixOptions): CharacterSet | undefined {
  const sought = isCaseless && (name === 'lower' || name === 'upper') ? 'alpha' : name;
  const unicode = isUnicode ? unicodePosixClasses[sought] : undefined;
  if (unicode) return isNegated ? unicode.complement : unicode.set;
  const ranges = posixClasses[sought];
  return ranges && { ranges: isNegated ? complement(ranges) : ranges };
}

/** POSIX classes that `(*UCP)` changes in a way that is not known here. */
export const unknownUnicodeClasses: ReadonlySet<string> = new Set(['graph', 'print', 'punct']);

/** Where letters with case are. */
const lettersWithCase: readonly Range[] = [
  [0x41, 0x587], [0x10a0, 0x10ff], [0x13a0, 0x13fd], [0x1c80, 0x1cbf], [0x1d79, 0x1d8e], [0x1e00, 0x1fff], [0x2126, 0x2188], [0x24b6, 0x24e9], [0x2c00, 0x2d2d],
  [0xa640, 0xa69b], [0xa722, 0xa7f6], [0xab53, 0xabbf], [0xff21, 0xff5a], [0x10400, 0x104fb], [0x10570, 0x105bc], [0x10c80, 0x10cf2], [0x118a0, 0x118df],
  [0x16e40, 0x16e7f], [0x1e900, 0x1e943],
];

let variantsByFold: Map<number, number[]> | undefined;

/** Gathered once: which code points are one but for case. */
function gatherVariants(): Map<number, number[]> {
  const gathered = new Map<number, number[]>();
  for (const [first, last] of lettersWithCase) {
    for (let codePoint = first; codePoint <= last; codePoint++) {
      const fold = foldOf(codePoint);
      const variants = gathered.get(fold) ?? [];
      variants.push(codePoint);
      gathered.set(fold, variants);
    }
  }
  return gathered;
}

/** The lower case of the upper case, each where it is one code point. */
function foldOf(codePoint: number): number {
  return singleCase(singleCase(codePoint, 'toUpperCase'), 'toLowerCase');
}

function singleCase(codePoint: number, change: 'toUpperCase' | 'toLowerCase'): number {
  const changed = String.fromCodePoint(codePoint)[change]();
  const [only, ...others] = changed;
  return others.length === 0 ? only!.codePointAt(0)! : codePoint;
}

/** Of a single code point: itself and its other cases. */
export function caseVariants(codePoint: number): readonly number[] {
  variantsByFold ??= gatherVariants();
  const variants = variantsByFold.get(foldOf(codePoint));
  return variants?.includes(codePoint) ? variants : [codePoint];
}

/** Whether a set holds a letter, but not its other cases. */
export function tellsCases(ranges: readonly Range[]): boolean {
  const has = (codePoint: number) => ranges.some(([first, last]) => first <= codePoint && codePoint <= last);
  return caseProbes.some(([one, other]) => has(one) !== has(other));
}

const caseProbes: readonly Range[] = [...Array.from({ length: 26 }, (_, index): Range => [0x41 + index, 0x61 + index]), [0x73, 0x17f], [0x6b, 0x212a]];

/** The set and the other cases of its ranges. */
export function withCaseVariants(set: CharacterSet): CharacterSet {
  const variants = set.ranges.flatMap(([first, last]) => variantsWithin(first, last));
  return { ...set, ranges: [...set.ranges, ...variants] };
}

function variantsWithin(first: number, last: number): Range[] {
  const variants: Range[] = [];
  for (const [from, to] of lettersWithCase) {
    for (let codePoint = Math.max(first, from); codePoint <= Math.min(last, to); codePoint++) {
      for (const variant of caseVariants(codePoint)) if (variant < first || variant > last) variants.push([variant, variant]);
    }
  }
  return variants;
}

/** A code point that stands for itself, inside of brackets and outside. */
export function literalSource(codePoint: number): string {
  const character = String.fromCodePoint(codePoint);
  return /[0-9A-Za-z_]/.test(character) ? character : `\\u{${codePoint.toString(16)}}`;
}

/** `[…]` as JavaScript has it. An empty set matches nothing, its complement anything. */
export function setSource({ ranges, exact = [], properties = [] }: CharacterSet, isNegated: boolean): string {
  const items = [...ranges, ...exact].map(([first, last]) => (first === last ? literalSource(first) : `${literalSource(first)}-${literalSource(last)}`));
  return `[${isNegated ? '^' : ''}${items.join('')}${properties.join('')}]`;
}

// Translates the syntax of PCRE to that of JavaScript (with the flag `u`). Recursive descent over the pattern: each
// part gives its JavaScript source. Source: the PCRE2 manual (pcre2pattern, pcre2syntax); error texts are PCRE2's.

import type { CharacterSet, Range } from './regular-expression-classes.ts';
import {
  additionalProperties, caseVariants, classEscape, literalSource, posixClass, setSource, unknownUnicodeClasses, withCaseVariants,
} from './regular-expression-classes.ts';

/** A pattern that is wrong, or that cannot be translated. */
export class RegularExpressionSyntaxError extends Error {}

export type TranslatedRegularExpression = {
  readonly source: string;
  readonly flags: string;
  /** For each group of the pattern, in order, the number of its group in `source`. */
  readonly captures: readonly number[];
  /** A match over n characters takes steps in the order of n to this power; Infinity: exponentially many. */
  readonly degree: number;
};

/** The options at a place: `(?i)` and its like change them up to the end of the group. */
type Options = { readonly caseless: boolean; readonly multiline: boolean; readonly dotAll: boolean; readonly extended: boolean };

/** A part of the pattern. `isVariable`: it may match one text in several ways. */
type Part = { readonly source: string; readonly isVariable: boolean; readonly isAssertion?: boolean };

const maxDepth = 250;
const endOfText = '(?![^])';

// All characters but letters and digits are escaped in what is put out, so that these marks are free.
// Both are of the private use area.
const groupMark = '\uE001';
const groupMarks = /\uE001([^\uE001]*)\uE001/g;
const referenceMark = '\uE002';
const referenceMarks = /\uE002([^\uE002]*)\uE002/g;

const unsupported = (what: string): RegularExpressionSyntaxError => new RegularExpressionSyntaxError(`${what} is not supported`);

/** Throws RegularExpressionSyntaxError. */
export function translateRegularExpression(pattern: string, options: string): TranslatedRegularExpression {
  const first = new Translator(pattern, options, false).translate();
  // JavaScript has one case for the whole pattern: where that is not enough, letters are written in both cases.
  return first.hasBothCases ? new Translator(pattern, options, true).translate() : first;
}

class Translator {
  private readonly pattern: string;
  private readonly expandsCase: boolean;
  private options: Options;
  private place = 0;
  private depth = 0;
  private groups = 0;
  private hiddenGroups = 0;
  private readonly names = new Map<string, number>();
  private readonly casesSeen = new Set<boolean>();
  private unbounded = 0;
  private isNested = false;
  /** After `(*UCP)`: `\w`, `\b`, `[:alpha:]` and their like are of all Unicode. */
  private isUnicode = false;

  constructor(pattern: string, options: string, expandsCase: boolean) {
    this.pattern = pattern;
    this.expandsCase = expandsCase;
    this.options = { caseless: options.includes('i'), multiline: options.includes('m'), dotAll: options.includes('s'), extended: options.includes('x') };
  }

  translate(): TranslatedRegularExpression & { readonly hasBothCases: boolean } {
    this.skipSettings();
    const { source } = this.alternatives();
    if (this.place < this.pattern.length) throw new RegularExpressionSyntaxError('unmatched closing parenthesis');
    const isCaseless = !this.expandsCase && this.casesSeen.has(true);
    return {
      ...this.numberGroups(source),
      flags: isCaseless ? 'iu' : 'u',
      degree: this.isNested ? Number.POSITIVE_INFINITY : this.unbounded + 1,
      hasBothCases: this.casesSeen.size > 1,
    };
  }

  // ---- reading

  private peek(): string {
    return this.pattern[this.place] ?? '';
  }

  private take(text: string): boolean {
    if (!this.pattern.startsWith(text, this.place)) return false;
    this.place += text.length;
    return true;
  }

  private match(pattern: RegExp): RegExpExecArray | undefined {
    const sticky = new RegExp(pattern, `${pattern.flags}y`);
    sticky.lastIndex = this.place;
    const match = sticky.exec(this.pattern);
    if (match) this.place += match[0].length;
    return match ?? undefined;
  }

  private takeCodePoint(): number {
    const codePoint = this.pattern.codePointAt(this.place)!;
    this.place += codePoint > 0xffff ? 2 : 1;
    return codePoint;
  }

  /** `(*UTF8)` and its like tell what is so anyway. */
  private skipSettings(): void {
    for (;;) {
      if (this.take('(*UCP)')) this.isUnicode = true;
      else if (!this.match(/\(\*(?:UTF8?|UTF16|UTF32|LF|NO_AUTO_POSSESS|NO_START_OPT|LIMIT_[A-Z]+=\d+)\)/)) return;
    }
  }

  private skipIgnored(): void {
    while (this.match(/\(\?#[^)]*\)/) || (this.options.extended && this.match(/(?:[ \t-\r]+|#[^\n]*(?:\n|$))+/))) continue;
  }

  // ---- groups

  /** Up to a closing parenthesis or the end. Options set inside end with it. */
  private alternatives(): Part {
    if (++this.depth > maxDepth) throw new RegularExpressionSyntaxError('parentheses are too deeply nested');
    const outer = this.options;
    const parts = [this.sequence()];
    while (this.take('|')) parts.push(this.sequence());
    this.options = outer;
    this.depth -= 1;
    return { source: parts.map(({ source }) => source).join('|'), isVariable: parts.length > 1 || parts.some(({ isVariable }) => isVariable) };
  }

  private sequence(): Part {
    let source = '';
    let isVariable = false;
    for (;;) {
      this.skipIgnored();
      if (this.place >= this.pattern.length || this.peek() === '|' || this.peek() === ')') return { source, isVariable };
      // What follows is never looked at; its groups are there.
      if (this.depth === 1 && this.take('(*ACCEPT)')) return { source: `${source}(?:(?!)${this.sequence().source})?`, isVariable };
      const part = this.quantified(this.atom());
      source += part.source;
      isVariable ||= part.isVariable;
    }
  }

  private atom(): Part {
    const character = this.peek();
    if (/[*+?]/.test(character)) throw new RegularExpressionSyntaxError('quantifier does not follow a repeatable item');
    switch (character) {
      case '(':
        this.place += 1;
        return this.group();
      case '[':
        this.place += 1;
        return plain(this.bracketed());
      case '\\':
        this.place += 1;
        return this.escape();
      case '.':
        this.place += 1;
        return plain(this.options.dotAll ? '[^]' : '[^\\n]');
      case '^':
        this.place += 1;
        return assertion(this.options.multiline ? '(?:(?<![^])|(?<=\\n)(?=[^]))' : '(?<![^])');
      case '$':
        this.place += 1;
        return assertion(this.options.multiline ? `(?:(?=\\n)|${endOfText})` : `(?=\\n?${endOfText})`);
      default:
        return plain(this.literal(this.takeCodePoint()));
    }
  }

  private group(): Part {
    if (this.match(/\*F(?:AIL)?\)/)) return plain('(?!)');
    if (this.peek() === '*') throw unsupported('A verb (*...)');
    if (!this.take('?')) return this.capturing();
    const named = this.match(/P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)'/);
    if (named) return this.capturing(named[1] ?? named[2]);
    const look = this.match(/<?[=!]/);
    if (look) return assertion(this.closed(`(?${look[0]}`).source);
    if (this.take(':')) return this.closed('(?:');
    if (this.take('>')) return this.atomic(this.closed('(?:').source);
    const reference = this.match(/P=(\w+)\)/);
    if (reference) return this.reference(reference[1]!);
    if (this.match(/P?[<']/)) throw new RegularExpressionSyntaxError('subpattern name expected');
    if (this.match(/[R&|(C]|P>|[+-]?\d/)) throw unsupported('A recursive, conditional or branch reset group (?...)');
    return this.optionGroup();
  }

  private capturing(name?: string): Part {
    const number = ++this.groups;
    if (name !== undefined) {
      if (this.names.has(name)) throw new RegularExpressionSyntaxError('two named subpatterns have the same name (PCRE2_DUPNAMES not set)');
      this.names.set(name, number);
    }
    return this.closed(`(${groupMark}${number}${groupMark}`);
  }

  private closed(opening: string): Part {
    const { source, isVariable } = this.alternatives();
    if (!this.take(')')) throw new RegularExpressionSyntaxError('missing closing parenthesis');
    return { source: `${opening}${source})`, isVariable };
  }

  /** What matched stays matched: JavaScript has that for lookaheads, so the text is looked at, then taken. */
  private atomic(source: string): Part {
    const name = `h${++this.hiddenGroups}`;
    return { source: `(?:(?=(${groupMark}${name}${groupMark}${source}))${referenceMark}${name}${referenceMark})`, isVariable: false };
  }

  /** `(?i)`, `(?-i)` or `(?i:…)`. */
  private optionGroup(): Part {
    const match = this.match(/(\^?)([imsxnJU]*)(?:-([imsxnJU]*))?([:)])/);
    if (!match) throw new RegularExpressionSyntaxError('unrecognized character after (? or (?-');
    const [, reset, on = '', off = '', end] = match;
    if (/[nJU]/.test(on + off)) throw unsupported('The inline option n, J or U');
    const { options } = this;
    const isOn = (letter: string, before: boolean): boolean => (on.includes(letter) || (before && reset === '')) && !off.includes(letter);
    this.options = {
      caseless: isOn('i', options.caseless), multiline: isOn('m', options.multiline), dotAll: isOn('s', options.dotAll), extended: isOn('x', options.extended),
    };
    if (end === ')') return plain('');
    const part = this.closed('(?:');
    this.options = options;
    return part;
  }

  // ---- quantifiers

  private quantified(atom: Part): Part {
    this.skipIgnored();
    const quantifier = this.match(/[*+?]|\{(\d+)(?:,(\d*))?\}/);
    if (!quantifier) return atom;
    if (atom.source === '') throw new RegularExpressionSyntaxError('quantifier does not follow a repeatable item');
    const isUnbounded = this.count(quantifier);
    if (isUnbounded && atom.isVariable) this.isNested = true;
    if (isUnbounded) this.unbounded += 1;
    const isPossessive = this.take('+');
    const lazy = !isPossessive && this.take('?') ? '?' : '';
    const body = atom.isAssertion ? `(?:${atom.source})` : atom.source;
    const source = `${body}${quantifier[0]}${lazy}`;
    const isVariable = quantifier[1] === undefined || quantifier[2] !== undefined || atom.isVariable;
    if (isPossessive) return this.atomic(source);
    return this.quantified({ source: this.isQuantifiedAgain() ? `(?:${source})` : source, isVariable });
  }

  private isQuantifiedAgain(): boolean {
    const { place } = this;
    this.skipIgnored();
    const isAgain = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.test(this.pattern.slice(this.place, this.place + 16));
    if (!isAgain) this.place = place;
    return isAgain;
  }

  /** Whether it has no bound, or a great one. */
  private count([text, min, max]: RegExpExecArray): boolean {
    if (min === undefined) return text !== '?';
    if (Number(min) > 65_535 || Number(max ?? 0) > 65_535) throw new RegularExpressionSyntaxError('number too big in {} quantifier');
    if (max !== undefined && max !== '' && Number(max) < Number(min)) throw new RegularExpressionSyntaxError('numbers out of order in {} quantifier');
    return max === '' || Number(max ?? min) > 16;
  }

  // ---- escapes

  private escape(): Part {
    if (this.place >= this.pattern.length) throw new RegularExpressionSyntaxError('\\ at end of pattern');
    const letter = this.peek();
    const set = classEscape(letter, this.isUnicode);
    if (set) {
      this.place += 1;
      return plain(setSource(set, false));
    }
    if (letter === 'b' || letter === 'B') {
      this.place += 1;
      return wordBoundary(setSource(classEscape('w', this.isUnicode)!, false), letter === 'B');
    }
    const simple = simpleEscapes[letter];
    if (simple) {
      this.place += 1;
      return simple;
    }
    if (this.match(/Q/)) return this.quoted();
    if (this.match(/E/)) return plain('');
    if (/[pP]/.test(letter)) return plain(setSource(this.property(), false));
    const reference = this.match(/g(?:\{([+-]?\w+)\}|([+-]?\d+))|k(?:\{(\w+)\}|<(\w+)>|'(\w+)')/);
    if (reference) return this.reference(reference.slice(1).find((name) => name !== undefined)!);
    if (/[1-9]/.test(letter)) return this.numbered();
    if (/[gkGKXCuUlLN]/.test(letter)) throw unsupported(`\\${letter}`);
    return plain(this.literal(this.escapedCodePoint()));
  }

  /** A backreference where there can be such a group, else an octal code. */
  private numbered(): Part {
    const digits = /^\d+/.exec(this.pattern.slice(this.place))![0];
    const openings = [...this.pattern.matchAll(/\((?!\?)|\(\?(?:P?<(?![=!])|')/g)].length;
    if (digits.length === 1 || Number(digits) <= openings) {
      this.place += digits.length;
      return this.reference(digits);
    }
    return plain(this.literal(this.escapedCodePoint()));
  }

  /** Resolved once all groups are known. */
  private reference(name: string): Part {
    const relative = /^([+-])(\d+)$/.exec(name);
    if (!relative) return plain(`${referenceMark}${name}${referenceMark}`);
    const number = this.groups + (relative[1] === '-' ? 1 - Number(relative[2]) : Number(relative[2]));
    return plain(`${referenceMark}${number}${referenceMark}`);
  }

  /** Puts numbers, which count JavaScript's groups from the left, in the place of marks. */
  private numberGroups(source: string): { readonly source: string; readonly captures: readonly number[] } {
    const numbers = new Map<string, number>();
    const unmarked = source.replace(groupMarks, (_, name: string) => {
      numbers.set(name, numbers.size + 1);
      return '';
    });
    const resolved = unmarked.replace(referenceMarks, (_, name: string) => {
      const group = numbers.get(name) ?? numbers.get(String(this.names.get(name)));
      if (group === undefined) throw new RegularExpressionSyntaxError('reference to non-existent subpattern');
      return `(?:\\${group})`;
    });
    return { source: resolved, captures: Array.from({ length: this.groups }, (_, index) => numbers.get(String(index + 1))!) };
  }

  private quoted(): Part {
    const end = this.pattern.indexOf('\\E', this.place);
    const text = this.pattern.slice(this.place, end < 0 ? undefined : end);
    this.place += text.length + (end < 0 ? 0 : 2);
    const literals = Array.from(text).map((character) => this.literal(character.codePointAt(0)!));
    // A quantifier after the quotation is that of its last character.
    return literals.length > 1 ? { ...plain(literals.slice(0, -1).join('') + this.quantified(plain(literals.at(-1)!)).source), isVariable: true } : plain(literals.join(''));
  }

  private property(): CharacterSet {
    const match = this.match(/([pP])(?:\{(\^?)([A-Za-z_&]+)\}|([A-Za-z]))/);
    if (!match) throw new RegularExpressionSyntaxError('malformed \\P or \\p sequence');
    const [, letter, caret, braced, single] = match;
    const name = braced ?? single!;
    const isNegated = (letter === 'P') !== (caret === '^');
    const additional = additionalProperties[name];
    if (additional) return isNegated ? additional.complement : additional.set;
    return { ranges: [], properties: [`\\${isNegated ? 'P' : 'p'}{${javaScriptProperty(name)}}`] };
  }

  /** After the backslash: a code point by its number or letter, or a character that stands for itself. */
  private escapedCodePoint(): number {
    const numbered = this.match(/x\{([0-9a-fA-F]+)\}|x([0-9a-fA-F]{0,2})|o\{([0-7]+)\}|(0[0-7]{0,2}|[1-7][0-7]{0,2})|c([ -~])/);
    if (numbered) {
      const [, braced, hexadecimal, octalBraced, octal, control] = numbered;
      if (control !== undefined) return control.toUpperCase().charCodeAt(0) ^ 0x40;
      const octalDigits = octalBraced ?? octal;
      const codePoint = octalDigits === undefined ? Number.parseInt(`0${braced ?? hexadecimal}`, 16) : Number.parseInt(octalDigits, 8);
      if (codePoint > 0x10ffff) throw new RegularExpressionSyntaxError('character code point value in \\x{} or \\o{} is too large');
      return codePoint;
    }
    const control = controlCharacters[this.peek()];
    if (control === undefined && /[0-9A-Za-z]/.test(this.peek())) throw new RegularExpressionSyntaxError('unrecognized character follows \\');
    const codePoint = this.takeCodePoint();
    return control ?? codePoint;
  }

  private literal(codePoint: number): string {
    const variants = caseVariants(codePoint);
    if (variants.length > 1) this.casesSeen.add(this.options.caseless);
    if (!this.expandsCase || !this.options.caseless || variants.length === 1) return literalSource(codePoint);
    return setSource({ ranges: variants.map((variant) => [variant, variant]) }, false);
  }

  // ---- classes

  private bracketed(): string {
    const isNegated = this.take('^');
    const ranges: Range[] = [];
    const properties: string[] = [];
    let isFirst = true;
    while (isFirst || this.peek() !== ']') {
      if (this.place >= this.pattern.length) throw new RegularExpressionSyntaxError('missing terminating ] for character class');
      isFirst = false;
      const item = this.classItem();
      if (typeof item === 'number') ranges.push(this.classRange(item));
      else {
        ranges.push(...item.ranges);
        properties.push(...(item.properties ?? []));
      }
    }
    this.place += 1;
    this.casesSeen.add(this.options.caseless);
    return setSource({ ranges: this.expandsCase && this.options.caseless ? withCaseVariants(ranges) : ranges, properties }, isNegated);
  }

  /** A code point, or a class within the class. */
  private classItem(): number | CharacterSet {
    const posix = this.match(/\[:(\^?)([a-z]+):\]/);
    if (posix) return this.posixClass(posix[2]!, posix[1] === '^');
    if (this.match(/\[[.=][^\]]*[.=]\]/)) throw new RegularExpressionSyntaxError('POSIX collating elements are not supported');
    if (!this.take('\\')) return this.takeCodePoint();
    if (this.place >= this.pattern.length) throw new RegularExpressionSyntaxError('\\ at end of pattern');
    const set = classEscape(this.peek(), this.isUnicode);
    if (set) {
      this.place += 1;
      return set;
    }
    if (/[pP]/.test(this.peek())) return this.property();
    if (this.take('b')) return 8;
    const quoted = this.match(/Q([^]*?)(?:\\E|$)/);
    if (quoted) return { ranges: Array.from(quoted[1]!).map((character): Range => [character.codePointAt(0)!, character.codePointAt(0)!]) };
    if (this.take('E')) return { ranges: [] };
    if (/[BNRX]/.test(this.peek())) throw new RegularExpressionSyntaxError('escape sequence is invalid in character class');
    return this.escapedCodePoint();
  }

  private posixClass(name: string, isNegated: boolean): CharacterSet {
    if (this.isUnicode && unknownUnicodeClasses.has(name)) throw unsupported(`[:${name}:] after (*UCP)`);
    const set = posixClass(name, { isNegated, isUnicode: this.isUnicode });
    if (!set) throw new RegularExpressionSyntaxError('unknown POSIX class name');
    return set;
  }

  private classRange(first: number): Range {
    const { place } = this;
    if (!this.take('-') || this.peek() === ']' || this.place >= this.pattern.length) {
      this.place = place;
      return [first, first];
    }
    const last = this.classItem();
    if (typeof last !== 'number') {
      // The hyphen stands for itself before a class.
      this.place = place;
      return [first, first];
    }
    if (last < first) throw new RegularExpressionSyntaxError('range out of order in character class');
    return [first, last];
  }
}

function plain(source: string): Part {
  return { source, isVariable: false };
}

function assertion(source: string): Part {
  return { source, isVariable: false, isAssertion: true };
}

function wordBoundary(word: string, isNegated: boolean): Part {
  const [same, other] = isNegated ? ['=', '!'] : ['!', '='];
  return assertion(`(?:(?<=${word})(?${same}${word})|(?<!${word})(?${other}${word}))`);
}

/** Escapes that stand for no one character. */
const simpleEscapes: Readonly<Record<string, Part>> = {
  A: assertion('(?<![^])'),
  z: assertion(endOfText),
  Z: assertion(`(?=\\n?${endOfText})`),
  N: plain('[^\\n]'),
  R: plain('(?:\\r\\n|[\\n-\\r\\u{85}\\u{2028}\\u{2029}])'),
};

const controlCharacters: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };

const generalCategories: ReadonlySet<string> = new Set(
  'C Cc Cf Cn Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs Any'.split(' '),
);

function javaScriptProperty(name: string): string {
  if (name === 'L&') return 'LC';
  if (generalCategories.has(name)) return name;
  try {
    return new RegExp(`\\p{Script_Extensions=${name}}`, 'u').source.slice(3, -1);
  } catch {
    throw new RegularExpressionSyntaxError('unknown property after \\P or \\p');
  }
}

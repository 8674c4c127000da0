// Translates the syntax of PCRE to that of JavaScript (with the flag `u`). Recursive descent over the pattern: each
// part gives its JavaScript source. Source: the PCRE2 manual (pcre2pattern, pcre2syntax); error texts are PCRE2's.

import type { CharacterSet, Range } from './regular-expression-classes.ts';
import {
  caseVariants, classEscape, literalSource, posixClass, setSource, unknownUnicodeClasses, withCaseVariants,
} from './regular-expression-classes.ts';
import { propertySet } from './regular-expression-properties.ts';

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
type Options = {
  readonly caseless: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly extended: boolean;
  /** Only groups with names capture. */
  readonly namesOnly: boolean;
  /** Quantifiers are lazy, those with a `?` behind them greedy. */
  readonly ungreedy: boolean;
  /** Groups may share a name. */
  readonly sharesNames: boolean;
};

/** A part of the pattern. */
type Part = {
  readonly source: string;
  /** It may match one text in several ways. */
  readonly isVariable: boolean;
  /** In characters; undefined where it is not one for all texts. */
  readonly length: number | undefined;
  readonly isAssertion?: boolean;
  /** No quantifier may follow. */
  readonly isUnrepeatable?: true;
};

/** The parts that stand between bars. */
type Alternatives = Part & { readonly lengths: readonly (number | undefined)[] };

const maxDepth = 250;
const maxNameLength = 32;

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
  private readonly names = new Map<string, number[]>();
  private readonly lengths = new Map<number, number | undefined>();
  private readonly casesSeen = new Set<boolean>();
  private unbounded = 0;
  private isNested = false;
  /** After `(*UCP)`: `\w`, `\b`, `[:alpha:]` and their like are of all Unicode. */
  private isUnicode = false;

  constructor(pattern: string, options: string, expandsCase: boolean) {
    this.pattern = pattern;
    this.expandsCase = expandsCase;
    this.options = {
      caseless: options.includes('i'), multiline: options.includes('m'), dotAll: options.includes('s'), extended: options.includes('x'),
      namesOnly: false, ungreedy: false, sharesNames: false,
    };
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
      else if (!this.match(/\(\*(?:UTF8?|LF|NO_AUTO_POSSESS|NO_START_OPT|LIMIT_[A-Z]+=\d+)\)/)) return;
    }
  }

  /** Comments, marks, callouts, and quotations of nothing. */
  private skipIgnored(): void {
    while (this.match(/\(\?#[^)]*\)|\(\?C\d*\)|\(\*(?:MARK)?:[^)]+\)|\\Q\\E|\\E/) || (this.options.extended && this.match(/(?:[ \t-\r]+|#[^\n]*(?:\n|$))+/))) continue;
  }

  // ---- groups

  /** Up to a closing parenthesis or the end. Options set inside end with it. */
  private alternatives(): Alternatives {
    if (++this.depth > maxDepth) throw new RegularExpressionSyntaxError('parentheses are too deeply nested');
    const outer = this.options;
    const parts = [this.sequence()];
    while (this.take('|')) parts.push(this.sequence());
    this.options = outer;
    this.depth -= 1;
    const lengths = parts.map(({ length }) => length);
    return {
      source: parts.map(({ source }) => source).join('|'),
      isVariable: parts.length > 1 || parts.some(({ isVariable }) => isVariable),
      length: lengths.every((length) => length === lengths[0]) ? lengths[0] : undefined,
      lengths,
    };
  }

  private sequence(): Part {
    let source = '';
    let isVariable = false;
    let length: number | undefined = 0;
    for (;;) {
      this.skipIgnored();
      if (this.place >= this.pattern.length || this.peek() === '|' || this.peek() === ')') return { source, isVariable, length };
      // What follows is never looked at; its groups are there.
      if (this.depth === 1 && this.take('(*ACCEPT)')) return { source: `${source}(?:(?!)${this.sequence().source})?`, isVariable, length: undefined };
      const part = this.quantified(this.atom());
      source += part.source;
      isVariable ||= part.isVariable;
      length = sumOf(length, part.length);
    }
  }

  private atom(): Part {
    if (this.match(quantifierPattern)) throw notRepeatable();
    switch (this.peek()) {
      case '(':
        this.place += 1;
        return this.group();
      case '[':
        return this.bracket();
      case '\\':
        this.place += 1;
        return this.escape();
      case '.':
        this.place += 1;
        return character(this.options.dotAll ? '[^]' : '[^\\n]');
      case '^':
        this.place += 1;
        return anchor(this.options.multiline ? '(?:^|(?<=\\n)(?!$))' : '^');
      case '$':
        this.place += 1;
        return anchor(this.options.multiline ? '(?=\\n|$)' : '(?=\\n?$)');
      default:
        return character(this.literal(this.takeCodePoint()));
    }
  }

  private group(): Part {
    if (this.match(/\*F(?:AIL)?\)/)) return anchor('(?!)');
    const worded = this.match(/\*([a-z_]+):/);
    if (worded) return this.worded(worded[1]!);
    if (this.peek() === '*') throw unsupported('A verb (*...)');
    if (!this.take('?')) return this.options.namesOnly ? this.closed('(?:') : this.capturing();
    const named = this.match(/P?<([\p{L}_][\p{L}\p{Nd}_]*)>|'([\p{L}_][\p{L}\p{Nd}_]*)'/u);
    if (named) return this.capturing(named[1] ?? named[2]);
    const look = this.match(/<?[=!]/);
    if (look) return this.look(look[0]);
    if (this.take(':')) return this.closed('(?:');
    if (this.take('>')) return this.atomic(this.closed('(?:'));
    const condition = this.match(/\(\?(<?)([=!])/);
    if (condition) return this.conditional(condition[1]!, condition[2]!);
    const reference = this.match(/P=(\w+)\)/);
    if (reference) return this.reference(reference[1]!);
    if (this.match(/P?[<']/)) throw new RegularExpressionSyntaxError('subpattern name expected');
    if (this.match(/[R&|(C]|P>|[+-]?\d/)) throw unsupported('A recursive, conditional or branch reset group (?...)');
    return this.optionGroup();
  }

  private capturing(name?: string): Part {
    const number = ++this.groups;
    if (name !== undefined) this.nameGroup(name, number);
    const part = this.closed(`(${groupMark}${number}${groupMark}`);
    this.lengths.set(number, part.length);
    return part;
  }

  private nameGroup(name: string, number: number): void {
    if (Buffer.byteLength(name) > maxNameLength) throw new RegularExpressionSyntaxError(`subpattern name is too long (maximum ${maxNameLength} code units)`);
    const known = this.names.get(name);
    if (known && !this.options.sharesNames) throw new RegularExpressionSyntaxError('two named subpatterns have the same name (PCRE2_DUPNAMES not set)');
    this.names.set(name, [...(known ?? []), number]);
  }

  private closed(opening: string): Alternatives {
    const { source, ...alternatives } = this.alternatives();
    if (!this.take(')')) throw new RegularExpressionSyntaxError('missing closing parenthesis');
    return { ...alternatives, source: `${opening}${source})` };
  }

  /** Behind a place is looked only by lengths that are known, of each alternative its own. */
  private look(kind: string): Part {
    const { source, lengths } = this.closed(`(?${kind}`);
    if (kind.startsWith('<') && lengths.includes(undefined)) throw new RegularExpressionSyntaxError('lookbehind assertion is not fixed length');
    return assertion(source);
  }

  /** `(*pla:…)` and its like. */
  private worded(word: string): Part {
    if (word === 'atomic') return this.atomic(this.closed('(?:'));
    const kind = wordedLooks[word];
    if (kind === undefined) throw unsupported(`(*${word}:...)`);
    return this.look(kind);
  }

  /** `(?(?=…)yes|no)`, from behind the condition's `=` or `!` on. */
  private conditional(behind: string, kind: string): Part {
    const { groups, options } = this;
    const { source: condition } = this.look(`${behind}=`);
    if (this.groups > groups) throw unsupported('A condition with groups');
    const branches = [this.sequence()];
    while (this.take('|')) branches.push(this.sequence());
    if (branches.length > 2) throw new RegularExpressionSyntaxError('conditional subpattern contains more than two branches');
    if (!this.take(')')) throw new RegularExpressionSyntaxError('missing closing parenthesis');
    this.options = options;
    const refuted = condition.replace(/^(\(\?<?)=/, '$1!');
    const [yes, no = { source: '', length: 0 }] = branches as [Part, Part?];
    const [first, second] = kind === '=' ? [condition, refuted] : [refuted, condition];
    return { source: `(?:${first}${yes.source}|${second}${no.source})`, isVariable: true, length: yes.length === no.length ? yes.length : undefined };
  }

  /** What matched stays matched: JavaScript has that for lookaheads, so the text is looked at, then taken. */
  private atomic({ source, length }: Part): Part {
    const name = `h${++this.hiddenGroups}`;
    return { source: `(?:(?=(${groupMark}${name}${groupMark}${source}))${referenceMark}${name}${referenceMark})`, isVariable: false, length };
  }

  /** `(?i)`, `(?-i)` or `(?i:…)`. */
  private optionGroup(): Part {
    const match = this.match(/(\^?)([imsxnJU]*)(?:-([imsxnJU]*))?([:)])/);
    if (!match) throw new RegularExpressionSyntaxError('unrecognized character after (? or (?-');
    const [, reset, on = '', off = '', end] = match;
    const { options } = this;
    const isOn = (letter: string, before: boolean): boolean => (on.includes(letter) || (before && reset === '')) && !off.includes(letter);
    this.options = {
      caseless: isOn('i', options.caseless), multiline: isOn('m', options.multiline), dotAll: isOn('s', options.dotAll), extended: isOn('x', options.extended),
      namesOnly: isOn('n', options.namesOnly), ungreedy: on.includes('U') || (options.ungreedy && !off.includes('U')),
      sharesNames: on.includes('J') || (options.sharesNames && !off.includes('J')),
    };
    if (end === ')') return anchor('');
    const part = this.closed('(?:');
    this.options = options;
    return part;
  }

  // ---- quantifiers

  private quantified(atom: Part): Part {
    this.skipIgnored();
    const quantifier = this.match(quantifierPattern);
    if (!quantifier) return atom;
    if (atom.isUnrepeatable) throw notRepeatable();
    const isUnbounded = this.count(quantifier);
    if (isUnbounded && atom.isVariable) this.isNested = true;
    if (isUnbounded) this.unbounded += 1;
    this.skipIgnored();
    const isPossessive = this.take('+');
    const isLazy = !isPossessive && this.take('?') !== this.options.ungreedy;
    const body = atom.isAssertion ? `(?:${atom.source})` : atom.source;
    const source = `${body}${quantifier[0]}${isLazy && !isPossessive ? '?' : ''}`;
    const [, min, max] = quantifier;
    const isFixed = min !== undefined && (max === undefined || Number(max || Number.NaN) === Number(min));
    const part = {
      source,
      isVariable: min === undefined || max !== undefined || atom.isVariable,
      length: quantifiedLength(atom, isFixed ? Number(min) : undefined),
    };
    return isPossessive ? this.atomic(part) : part;
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
      return character(setSource(set, false));
    }
    if (letter === 'b' || letter === 'B') {
      this.place += 1;
      return wordBoundary(setSource(classEscape('w', this.isUnicode)!, false), letter === 'B');
    }
    const scalar = this.match(/N\{U\+([0-9a-fA-F]+)\}/);
    if (scalar) return character(this.literal(boundedCodePoint(Number.parseInt(scalar[1]!, 16))));
    if (this.match(/N\{(?!\d+(?:,\d*)?\})/)) throw new RegularExpressionSyntaxError('PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u');
    const simple = simpleEscapes[letter];
    if (simple) {
      this.place += 1;
      return simple;
    }
    if (this.match(/Q/)) return this.quoted();
    if (/[pP]/.test(letter)) return character(setSource(this.property(), false));
    const reference = this.match(/g(?:\{([+-]?\w+)\}|([+-]?\d+))|k(?:\{(\w+)\}|<(\w+)>|'(\w+)')/);
    if (reference) return this.reference(reference.slice(1).find((name) => name !== undefined)!);
    if (/[1-9]/.test(letter)) return this.numbered();
    if (/[gkGKXCuUlLN]/.test(letter)) throw unsupported(`\\${letter}`);
    return character(this.literal(this.escapedCodePoint()));
  }

  /** A backreference where there can be such a group, else an octal code. */
  private numbered(): Part {
    const digits = /^\d+/.exec(this.pattern.slice(this.place))![0];
    const openings = [...this.pattern.matchAll(/\((?!\?)|\(\?(?:P?<(?![=!])|')/g)].length;
    if (digits.length === 1 || /^[89]/.test(digits) || Number(digits) <= openings) {
      this.place += digits.length;
      return this.reference(digits);
    }
    return character(this.literal(this.escapedCodePoint()));
  }

  /** Resolved once all groups are known. */
  private reference(name: string): Part {
    this.casesSeen.add(this.options.caseless);
    const relative = /^([+-])(\d+)$/.exec(name);
    const number = relative ? this.groups + (relative[1] === '-' ? 1 - Number(relative[2]) : Number(relative[2])) : (this.names.get(name)?.[0] ?? Number(name));
    return { source: `${referenceMark}${relative ? number : name}${referenceMark}`, isVariable: false, length: this.lengths.get(number) };
  }

  /** Puts numbers, which count JavaScript's groups from the left, in the place of marks. */
  private numberGroups(source: string): { readonly source: string; readonly captures: readonly number[] } {
    const numbers = new Map<string, number>();
    const unmarked = source.replace(groupMarks, (_, name: string) => {
      numbers.set(name, numbers.size + 1);
      return '';
    });
    const resolved = unmarked.replace(referenceMarks, (_, name: string) => {
      const named = this.names.get(name) ?? [];
      if (named.length > 1) throw unsupported('A reference to a name that groups share');
      const group = numbers.get(name) ?? numbers.get(String(named[0]));
      if (group === undefined) throw new RegularExpressionSyntaxError('reference to non-existent subpattern');
      return `(?:\\${group})`;
    });
    return { source: resolved, captures: Array.from({ length: this.groups }, (_, index) => numbers.get(String(index + 1))!) };
  }

  private quoted(): Part {
    const end = this.pattern.indexOf('\\E', this.place);
    const text = this.pattern.slice(this.place, end < 0 ? undefined : end);
    this.place += text.length + (end < 0 ? 0 : 2);
    const literals = Array.from(text).map((each) => this.literal(each.codePointAt(0)!));
    if (literals.length === 0) return anchor('');
    // A quantifier after the quotation is that of its last character.
    const last = this.quantified(character(literals.at(-1)!));
    const first = literals.slice(0, -1);
    return { source: first.join('') + last.source, isVariable: last.isVariable, length: sumOf(first.length, last.length), isUnrepeatable: true };
  }

  private property(): CharacterSet {
    const match = this.match(/([pP])(?:\{\s*(\^?)([\w&:= -]+)\}|([A-Za-z]))/);
    if (!match) throw new RegularExpressionSyntaxError('malformed \\P or \\p sequence');
    const [, letter, caret, braced, single] = match;
    const set = propertySet(braced ?? single!, (letter === 'P') !== (caret === '^'));
    if (!set) throw new RegularExpressionSyntaxError('unknown property after \\P or \\p');
    return set;
  }

  /** After the backslash: a code point by its number or letter, or a character that stands for itself. */
  private escapedCodePoint(): number {
    if (this.match(/x\{\}|x\{$/)) throw new RegularExpressionSyntaxError('digits missing in \\x{} or \\o{} or \\N{U+}');
    const numbered = this.match(/x\{([0-9a-fA-F]+)\}|x(?!\{)([0-9a-fA-F]{0,2})|o\{([0-7]+)\}|(0[0-7]{0,2}|[1-7][0-7]{0,2})|c([ -~])/);
    if (numbered) {
      const [, braced, hexadecimal, octalBraced, octal, control] = numbered;
      if (control !== undefined) return control.toUpperCase().charCodeAt(0) ^ 0x40;
      const octalDigits = octalBraced ?? octal;
      const codePoint = octalDigits === undefined ? Number.parseInt(`0${braced ?? hexadecimal}`, 16) : Number.parseInt(octalDigits, 8);
      return boundedCodePoint(codePoint);
    }
    if (this.match(/x\{/)) throw new RegularExpressionSyntaxError('non-hex character in \\x{} (closing brace missing?)');
    const control = controlCharacters[this.peek()];
    if (control === undefined && /[A-Za-z]/.test(this.peek())) throw new RegularExpressionSyntaxError('unrecognized character follows \\');
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

  private bracket(): Part {
    const wordEdge = this.match(/\[\[:([<>]):\]\]/);
    const word = setSource(classEscape('w', this.isUnicode)!, false);
    if (wordEdge) return anchor(wordEdge[1] === '<' ? `(?<!${word})(?=${word})` : `(?<=${word})(?!${word})`);
    if (this.match(/\[([:.=])[^\][\\]*\1\]/)) throw new RegularExpressionSyntaxError('POSIX named classes are supported only within a class');
    this.place += 1;
    return character(this.bracketed());
  }

  private bracketed(): string {
    const isNegated = this.take('^');
    const ranges: Range[] = [];
    const properties: string[] = [];
    let isFirst = true;
    for (;;) {
      const quoted = this.quotedInClass();
      ranges.push(...quoted);
      if (this.place >= this.pattern.length) throw new RegularExpressionSyntaxError('missing terminating ] for character class');
      if (this.peek() === ']' && !(isFirst && quoted.length === 0)) break;
      isFirst = false;
      const item = this.classItem();
      if (typeof item === 'number') ranges.push(this.classRange(item));
      else {
        ranges.push(...item.ranges);
        properties.push(...(item.properties ?? []));
        // A range cannot start with a class.
        if (this.match(/(?=-[^\]])/)) throw invalidRange();
      }
    }
    this.place += 1;
    this.casesSeen.add(this.options.caseless);
    return setSource({ ranges: this.expandsCase && this.options.caseless ? withCaseVariants(ranges) : ranges, properties }, isNegated);
  }

  /** A code point, or a class within the class. */
  private classItem(): number | CharacterSet {
    const posix = this.match(/\[:(\^?)([^\][\\:]*):\]/);
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
    if (/[BNRX]/.test(this.peek())) throw new RegularExpressionSyntaxError('escape sequence is invalid in character class');
    return this.escapedCodePoint();
  }

  /** What stands between `\Q` and `\E`; a lone `\E` is passed over. */
  private quotedInClass(): Range[] {
    const ranges: Range[] = [];
    for (;;) {
      if (this.take('\\E')) continue;
      const quoted = this.match(/\\Q([^]*?)(?:\\E|$)/);
      if (!quoted) return ranges;
      for (const each of quoted[1]!) ranges.push([each.codePointAt(0)!, each.codePointAt(0)!]);
    }
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
    if (typeof last !== 'number') throw invalidRange();
    if (last < first) throw new RegularExpressionSyntaxError('range out of order in character class');
    return [first, last];
  }
}

const quantifierPattern = /[*+?]|\{(\d+)(?:,(\d*))?\}/;

function notRepeatable(): RegularExpressionSyntaxError {
  return new RegularExpressionSyntaxError('quantifier does not follow a repeatable item');
}

function invalidRange(): RegularExpressionSyntaxError {
  return new RegularExpressionSyntaxError('invalid range in character class');
}

function sumOf(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? undefined : left + right;
}

/** What looks around has no length, however often it is asked for. */
function quantifiedLength({ length, isAssertion }: Part, times: number | undefined): number | undefined {
  if (isAssertion) return 0;
  return length === undefined || times === undefined ? undefined : length * times;
}

function character(source: string): Part {
  return { source, isVariable: false, length: 1 };
}

function assertion(source: string): Part {
  return { source, isVariable: false, length: 0, isAssertion: true };
}

/** What holds at a place without looking at a text of its own. */
function anchor(source: string): Part {
  return { ...assertion(source), isUnrepeatable: true };
}

function wordBoundary(word: string, isNegated: boolean): Part {
  const [same, other] = isNegated ? ['=', '!'] : ['!', '='];
  return anchor(`(?:(?<=${word})(?${same}${word})|(?<!${word})(?${other}${word}))`);
}

function boundedCodePoint(codePoint: number): number {
  if (codePoint > 0x10ffff) throw new RegularExpressionSyntaxError('character code point value in \\x{} or \\o{} is too large');
  return codePoint;
}

const wordedLooks: Readonly<Record<string, string>> = {
  pla: '=', positive_lookahead: '=', nla: '!', negative_lookahead: '!', plb: '<=', positive_lookbehind: '<=', nlb: '<!', negative_lookbehind: '<!',
};

/** Escapes that stand for no one character. */
const simpleEscapes: Readonly<Record<string, Part>> = {
  A: anchor('^'),
  z: anchor('$'),
  Z: anchor('(?=\\n?$)'),
  N: character('[^\\n]'),
  R: { source: '(?:\\r\\n|[\\n-\\r\\u{85}\\u{2028}\\u{2029}])', isVariable: false, length: undefined },
};

const controlCharacters: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };

// Reads the characters of a pattern and what stands for one: escapes, properties, classes in brackets.

import type { CharacterSet, Range } from './classes.ts';
import { classEscape, posixClass, unknownUnicodeClasses } from './classes.ts';
import { propertySet } from './properties.ts';
import { notSupported, RegularExpressionSyntaxError } from './syntax-error.ts';

export class PatternReader {
  protected readonly pattern: string;
  protected place = 0;
  /** After `(*UCP)`: `\w`, `\b`, `[:alpha:]` and their like are of all Unicode. */
  protected isUnicode = false;

  constructor(pattern: string) {
    this.pattern = pattern;
  }

  protected isAtEnd(): boolean {
    return this.place >= this.pattern.length;
  }

  protected peek(): string {
    return this.pattern[this.place] ?? '';
  }

  protected take(text: string): boolean {
    if (!this.pattern.startsWith(text, this.place)) return false;
    this.place += text.length;
    return true;
  }

  protected match(pattern: RegExp): RegExpExecArray | undefined {
    const sticky = new RegExp(pattern, `${pattern.flags}y`);
    sticky.lastIndex = this.place;
    const match = sticky.exec(this.pattern);
    if (match) this.place += match[0].length;
    return match ?? undefined;
  }

  protected takeCodePoint(): number {
    const codePoint = this.pattern.codePointAt(this.place)!;
    this.place += codePoint > 0xffff ? 2 : 1;
    return codePoint;
  }

  /** `\p{…}`, behind the backslash. */
  protected property(): CharacterSet {
    const match = this.match(/([pP])(?:\{\s*(\^?)([\w&:= -]+)\}|([A-Za-z]))/);
    if (!match) throw new RegularExpressionSyntaxError('malformed \\P or \\p sequence');
    const [, letter, caret, braced, single] = match;
    const set = propertySet(braced ?? single!, (letter === 'P') !== (caret === '^'));
    if (!set) throw new RegularExpressionSyntaxError('unknown property after \\P or \\p');
    return set;
  }

  /** Behind the backslash: a code point by its number or letter, or a character that stands for itself. */
  protected escapedCodePoint(): number {
    if (this.match(/x\{\}|x\{$/)) throw new RegularExpressionSyntaxError('digits missing in \\x{} or \\o{} or \\N{U+}');
    const numbered = this.match(/x\{([0-9a-fA-F]+)\}|x(?!\{)([0-9a-fA-F]{0,2})|o\{([0-7]+)\}|(0[0-7]{0,2}|[1-7][0-7]{0,2})|c([ -~])/);
    if (numbered) {
      const [, braced, hexadecimal, octalBraced, octal, control] = numbered;
      if (control !== undefined) return control.toUpperCase().charCodeAt(0) ^ 0x40;
      const octalDigits = octalBraced ?? octal;
      return boundedCodePoint(octalDigits === undefined ? Number.parseInt(`0${braced ?? hexadecimal}`, 16) : Number.parseInt(octalDigits, 8));
    }
    if (this.match(/x\{/)) throw new RegularExpressionSyntaxError('non-hex character in \\x{} (closing brace missing?)');
    const control = controlCharacters[this.peek()];
    if (control === undefined && /[A-Za-z]/.test(this.peek())) throw new RegularExpressionSyntaxError('unrecognized character follows \\');
    const codePoint = this.takeCodePoint();
    return control ?? codePoint;
  }

  /** `\N{U+…}`, behind the backslash. */
  protected scalar(): number | undefined {
    const scalar = this.match(/N\{U\+([0-9a-fA-F]+)\}/);
    if (scalar) return boundedCodePoint(Number.parseInt(scalar[1]!, 16));
    if (this.match(/N\{(?!\d+(?:,\d*)?\})/)) throw new RegularExpressionSyntaxError('PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u');
    return undefined;
  }

  // ---- classes

  /** A class, from behind its opening bracket to behind its closing one. */
  protected bracketed(isCaseless: boolean): { readonly set: CharacterSet; readonly isNegated: boolean } {
    const isNegated = this.take('^');
    const ranges: Range[] = [];
    const exact: Range[] = [];
    const properties: string[] = [];
    let isFirst = true;
    for (;;) {
      const quoted = this.quotedInClass();
      ranges.push(...quoted);
      if (this.isAtEnd()) throw new RegularExpressionSyntaxError('missing terminating ] for character class');
      if (this.peek() === ']' && !(isFirst && quoted.length === 0)) break;
      isFirst = false;
      const item = this.classItem(isCaseless);
      if (typeof item === 'number') ranges.push(this.classRange(item));
      else {
        exact.push(...item.ranges);
        properties.push(...(item.properties ?? []));
        // A range cannot start with a class.
        if (this.match(/(?=-[^\]])/)) throw invalidRange();
      }
    }
    this.place += 1;
    return { set: { ranges, exact, properties }, isNegated };
  }

  /** A code point, or a class within the class. */
  private classItem(isCaseless: boolean): number | CharacterSet {
    const posix = this.match(/\[:(\^?)((?:\\[\]\\]|(?!\[:)[^\]])*?):\]/);
    if (posix) return this.posixClass(posix[2]!, posix[1] === '^', isCaseless);
    if (this.match(/\[[.=][^\]]*[.=]\]/)) throw new RegularExpressionSyntaxError('POSIX collating elements are not supported');
    if (!this.take('\\')) return this.takeCodePoint();
    if (this.isAtEnd()) throw new RegularExpressionSyntaxError('\\ at end of pattern');
    const set = classEscape(this.peek(), this.isUnicode);
    if (set) {
      this.place += 1;
      return set;
    }
    if (/[pP]/.test(this.peek())) return this.property();
    if (this.take('b')) return 8;
    const scalar = this.scalar();
    if (scalar !== undefined) return scalar;
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

  private posixClass(name: string, isNegated: boolean, isCaseless: boolean): CharacterSet {
    if (this.isUnicode && unknownUnicodeClasses.has(name)) throw notSupported(`[:${name}:] after (*UCP)`);
    const set = posixClass(name, { isNegated, isUnicode: this.isUnicode, isCaseless });
    if (!set) throw new RegularExpressionSyntaxError('unknown POSIX class name');
    return set;
  }

  private classRange(first: number): Range {
    const { place } = this;
    if (!this.take('-') || this.peek() === ']' || this.isAtEnd()) {
      this.place = place;
      return [first, first];
    }
    const last = this.classItem(false);
    if (typeof last !== 'number') throw invalidRange();
    if (last < first) throw new RegularExpressionSyntaxError('range out of order in character class');
    return [first, last];
  }
}

function invalidRange(): RegularExpressionSyntaxError {
  return new RegularExpressionSyntaxError('invalid range in character class');
}

function boundedCodePoint(codePoint: number): number {
  if (codePoint > 0x10ffff) throw new RegularExpressionSyntaxError('character code point value in \\x{} or \\o{} is too large');
  return codePoint;
}

const controlCharacters: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };

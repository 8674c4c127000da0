// Parses regular expressions in PCRE's syntax, by recursive descent. Source: the PCRE2 manual (pcre2pattern, pcre2syntax).

import type { CharacterSet } from './classes.ts';
import { classEscape, setSource } from './classes.ts';
import { PatternReader } from './pattern-reader.ts';
import { notSupported, RegularExpressionSyntaxError } from './syntax-error.ts';
import type { Condition, Cut, Node, Tree } from './tree.ts';
import { fixedLength } from './tree.ts';

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

/** `isRepeatable`: a quantifier may follow. */
type Item = { readonly node: Node; readonly isRepeatable: boolean };

const maxDepth = 250;
const maxNameLength = 32;

/** Throws RegularExpressionSyntaxError. */
export function parseRegularExpression(pattern: string, options: string): Tree {
  return new Parser(pattern, options).parse();
}

class Parser extends PatternReader {
  private options: Options;
  private depth = 0;
  private looks = 0;
  private groups = 0;
  private readonly names = new Map<string, number[]>();
  /** Of the groups, as of `fixedLength`. */
  private readonly lengths = new Map<number, number | undefined>();
  /** What can be told only once all groups are known. */
  private readonly checks: (() => void)[] = [];

  constructor(pattern: string, options: string) {
    super(pattern);
    this.options = {
      caseless: options.includes('i'), multiline: options.includes('m'), dotAll: options.includes('s'), extended: options.includes('x'),
      namesOnly: false, ungreedy: false, sharesNames: false,
    };
  }

  parse(): Tree {
    this.skipSettings();
    const root = oneOf(this.branches());
    if (!this.isAtEnd()) throw new RegularExpressionSyntaxError('unmatched closing parenthesis');
    for (const check of this.checks) check();
    return { root, groups: this.groups };
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

  // ---- sequences

  /** Up to a closing parenthesis or the end. Options set inside end with it. */
  private branches(onBranch?: () => void): Node[] {
    if (++this.depth > maxDepth) throw new RegularExpressionSyntaxError('parentheses are too deeply nested');
    const outer = this.options;
    onBranch?.();
    const branches = [this.sequence()];
    while (this.take('|')) {
      onBranch?.();
      branches.push(this.sequence());
    }
    this.options = outer;
    this.depth -= 1;
    return branches;
  }

  private sequence(): Node {
    const nodes: Node[] = [];
    for (;;) {
      this.skipIgnored();
      if (this.isAtEnd() || this.peek() === '|' || this.peek() === ')') return nodes.length === 1 ? nodes[0]! : { kind: 'sequence', nodes };
      if (this.match(/\\Q/)) nodes.push(...this.quoted());
      else nodes.push(this.quantified(this.item()));
    }
  }

  private item(): Item {
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
        return exactSet(this.options.dotAll ? { ranges: [] } : { ranges: [[10, 10]] }, true);
      case '^':
        this.place += 1;
        return anchor(this.options.multiline ? '(?:^|(?<=\\n)(?!$))' : '^');
      case '$':
        this.place += 1;
        return anchor(this.options.multiline ? '(?=\\n|$)' : '(?=\\n?$)');
      default:
        return this.literal(this.takeCodePoint());
    }
  }

  private literal(codePoint: number): Item {
    return repeatable({ kind: 'literal', codePoint, isCaseless: this.options.caseless });
  }


  /** A quantifier after a quotation is that of its last character. */
  private quoted(): Node[] {
    const end = this.pattern.indexOf('\\E', this.place);
    const text = this.pattern.slice(this.place, end < 0 ? undefined : end);
    this.place += text.length + (end < 0 ? 0 : 2);
    const literals = Array.from(text, (each) => this.literal(each.codePointAt(0)!));
    return literals.map((literal, index) => (index === literals.length - 1 ? this.quantified(literal) : literal.node));
  }

  private bracket(): Item {
    const wordEdge = this.match(/\[\[:([<>]):\]\]/);
    const word = setSource(classEscape('w', this.isUnicode)!, false);
    if (wordEdge) return anchor(wordEdge[1] === '<' ? `(?<!${word})(?=${word})` : `(?<=${word})(?!${word})`);
    if (this.match(/\[([:.=])(?:\\[\]\\]|(?!\[\1)[^\]])*?\1\]/)) throw new RegularExpressionSyntaxError('POSIX named classes are supported only within a class');
    this.place += 1;
    const { set, isNegated } = this.bracketed(this.options.caseless);
    return repeatable({ kind: 'set', set, isNegated, isCaseless: this.options.caseless });
  }

  private quantified({ node, isRepeatable }: Item): Node {
    this.skipIgnored();
    const quantifier = this.match(quantifierPattern);
    if (!quantifier) return node;
    if (!isRepeatable) throw notRepeatable();
    const { min, max } = boundsOf(quantifier);
    this.skipIgnored();
    const isPossessive = this.take('+');
    const isLazy = !isPossessive && this.take('?') !== this.options.ungreedy;
    const repeat: Node = { kind: 'repeat', body: node, min, max, isLazy };
    return isPossessive ? { kind: 'atomic', body: repeat } : repeat;
  }

  // ---- groups

  private group(): Item {
    if (this.peek() === '*') return this.worded();
    if (!this.take('?')) return repeatable(this.options.namesOnly ? this.closed() : this.capturing());
    const named = this.match(/P?<([\p{L}_][\p{L}\p{Nd}_]*)>|'([\p{L}_][\p{L}\p{Nd}_]*)'/u);
    if (named) return repeatable(this.capturing(named[1] ?? named[2]));
    const look = this.match(/(<?)([=!])/);
    if (look) return repeatable(this.look(look[1] === '<', look[2] === '!'));
    if (this.take(':')) return repeatable(this.closed());
    if (this.take('>')) return repeatable({ kind: 'atomic', body: this.closed() });
    if (this.take('|')) return repeatable(this.branchReset());
    if (this.take('(')) return repeatable(this.conditional());
    const reference = this.match(/P=([\p{L}\p{Nd}_]+)\)/u);
    if (reference) return this.reference(reference[1]!);
    const call = this.match(/(?:P>|&)([\p{L}\p{Nd}_]+)\)|(R|[+-]?\d+)\)/u);
    if (call) return this.call(call[1] ?? call[2]!);
    if (this.match(/<?\*/)) throw notSupported('A lookaround that is not atomic');
    if (this.match(/P?[<']/)) throw new RegularExpressionSyntaxError('subpattern name expected');
    return this.optionGroup();
  }

  private closed(): Node {
    return oneOf(this.closedBranches());
  }

  private closedBranches(onBranch?: () => void): Node[] {
    const branches = this.branches(onBranch);
    if (!this.take(')')) throw new RegularExpressionSyntaxError('missing closing parenthesis');
    return branches;
  }

  private capturing(name?: string): Node {
    const number = ++this.groups;
    if (name !== undefined) this.nameGroup(name, number);
    const body = this.closed();
    this.lengths.set(number, fixedLength(body));
    return { kind: 'capture', number, body };
  }

  private nameGroup(name: string, number: number): void {
    if (Buffer.byteLength(name) > maxNameLength) throw new RegularExpressionSyntaxError(`subpattern name is too long (maximum ${maxNameLength} code units)`);
    const known = this.names.get(name) ?? [];
    if (known.includes(number)) return;
    if (known.length > 0 && !this.options.sharesNames) throw new RegularExpressionSyntaxError('two named subpatterns have the same name (PCRE2_DUPNAMES not set)');
    this.names.set(name, [...known, number]);
  }

  /** Behind a place is looked only by lengths that are known, of each alternative its own. */
  private look(isBehind: boolean, isNegated: boolean): Node {
    this.looks += 1;
    const branches = this.closedBranches();
    this.looks -= 1;
    if (isBehind && branches.some((branch) => fixedLength(branch) === undefined)) {
      throw new RegularExpressionSyntaxError('lookbehind assertion is not fixed length');
    }
    return { kind: 'look', body: oneOf(branches), isBehind, isNegated };
  }

  /** Its alternatives count their groups from the same number on. */
  private branchReset(): Node {
    const first = this.groups;
    let last = first;
    const branches = this.closedBranches(() => {
      last = Math.max(last, this.groups);
      this.groups = first;
    });
    this.groups = Math.max(last, this.groups);
    return oneOf(branches);
  }

  /** `(*ACCEPT)`, `(*pla:…)` and their like. */
  private worded(): Item {
    const look = this.match(/\*([a-z_]+):/);
    if (look?.[1] === 'atomic') return repeatable({ kind: 'atomic', body: this.closed() });
    const kind = wordedLooks[look?.[1] ?? ''];
    if (kind) return repeatable(this.look(kind.isBehind, kind.isNegated));
    if (this.match(/\*F(?:AIL)?\)/)) return anchor('(?!)');
    if (this.take('*ACCEPT)')) return repeatable({ kind: 'accept' });
    const cut = this.match(/\*(COMMIT|PRUNE|SKIP|THEN)(?::[^)]*)?\)/);
    if (!cut || cut[0].startsWith('*SKIP:')) throw notSupported('This verb (*...)');
    return { node: { kind: 'cut', what: cuts[cut[1] as keyof typeof cuts] }, isRepeatable: false };
  }

  /** `(?(…)yes|no)`, from behind the condition's parenthesis on. */
  private conditional(): Node {
    const test = this.condition();
    const branches = this.closedBranches();
    if (branches.length > (test.kind === 'never' ? 1 : 2)) throw new RegularExpressionSyntaxError('conditional subpattern contains more than two branches');
    return { kind: 'condition', test, yes: branches[0]!, no: branches[1] ?? nothing };
  }

  private condition(): Condition {
    const look = this.match(/\?(<?)([=!])/);
    if (look) return { kind: 'look', look: this.look(look[1] === '<', look[2] === '!') };
    if (this.take('DEFINE)')) return { kind: 'never' };
    const called = this.match(/R(?:(\d+)|&([\p{L}\p{Nd}_]+))?\)/u);
    if (called && !this.names.has(called[0].slice(0, -1))) {
      const name = called[1] ?? called[2];
      return { kind: 'isCalled', groups: name === undefined ? undefined : this.groupsOf(name) };
    }
    const name = called?.[0].slice(0, -1) ?? this.match(/(?:<([\p{L}\p{Nd}_]+)>|'([\p{L}\p{Nd}_]+)'|([\p{L}\p{Nd}_]+|[+-]\d+))\)/u)?.slice(1).find((each) => each !== undefined);
    if (name === undefined) throw new RegularExpressionSyntaxError('malformed number or name after (?(');
    return { kind: 'isSet', groups: this.groupsOf(name) };
  }

  /** `(?i)`, `(?-i)` or `(?i:…)`. */
  private optionGroup(): Item {
    const match = this.match(/(\^?)([imsxnJU]*)(?:-([imsxnJU]*))?([:)])/);
    if (!match) throw new RegularExpressionSyntaxError('unrecognized character after (? or (?-');
    const [, reset, on = '', off = '', end] = match;
    const { options } = this;
    const isSet = (letter: string, before: boolean): boolean => (on.includes(letter) || before) && !off.includes(letter);
    const isOn = (letter: string, before: boolean): boolean => isSet(letter, before && reset === '');
    this.options = {
      caseless: isOn('i', options.caseless), multiline: isOn('m', options.multiline), dotAll: isOn('s', options.dotAll), extended: isOn('x', options.extended),
      namesOnly: isOn('n', options.namesOnly), ungreedy: isSet('U', options.ungreedy), sharesNames: isSet('J', options.sharesNames),
    };
    if (end === ')') return { node: nothing, isRepeatable: false };
    const node = this.closed();
    this.options = options;
    return repeatable(node);
  }

  // ---- references

  /** The groups of a name, or of a number, which may be relative. They are filled in once all are known. */
  private groupsOf(name: string): readonly number[] {
    const relative = /^([+-])(\d+)$/.exec(name);
    const before = this.groups;
    const groups: number[] = [];
    this.checks.push(() => {
      const count = Number(relative?.[2]);
      if (relative) groups.push(relative[1] === '-' ? before + 1 - count : before + count);
      else groups.push(...(this.names.get(name) ?? [Number(name)]));
      if (count === 0 || groups.some((group) => !(group >= 1 && group <= this.groups))) throw new RegularExpressionSyntaxError('reference to non-existent subpattern');
    });
    return groups;
  }

  /** Of a group that is read already. */
  private knownLength(name: string): number | undefined {
    const number = name.startsWith('-') ? this.groups + 1 + Number(name) : (this.names.get(name)?.[0] ?? Number(name));
    return this.lengths.get(number);
  }

  private reference(name: string): Item {
    return repeatable({ kind: 'reference', groups: this.groupsOf(name), isCaseless: this.options.caseless, length: this.knownLength(name) });
  }

  private call(name: string): Item {
    if (/^(?:R|0+)$/.test(name)) return repeatable({ kind: 'call', groups: [0], length: undefined });
    return repeatable({ kind: 'call', groups: this.groupsOf(name), length: this.knownLength(name) });
  }

  /** A reference where there can be such a group, else an octal code. */
  private numbered(): Item {
    const digits = /^\d+/.exec(this.pattern.slice(this.place))![0];
    const openings = [...this.pattern.matchAll(/\((?!\?)|\(\?(?:P?<(?![=!])|')/g)].length;
    if (digits.length > 1 && !/^[89]/.test(digits) && Number(digits) > openings) return this.literal(this.escapedCodePoint());
    this.place += digits.length;
    return this.reference(digits);
  }

  // ---- escapes

  private escape(): Item {
    if (this.isAtEnd()) throw new RegularExpressionSyntaxError('\\ at end of pattern');
    const letter = this.peek();
    const set = classEscape(letter, this.isUnicode);
    const scalar = this.scalar();
    if (scalar !== undefined) return this.literal(scalar);
    const simple = set ? exactSet(set) : this.simpleEscape(letter);
    if (simple) {
      this.place += 1;
      return simple;
    }
    if (/[pP]/.test(letter)) return exactSet(this.property());
    const call = this.match(/g(?:<([\p{L}\p{Nd}_]+|[+-]\d+)>|'([\p{L}\p{Nd}_]+|[+-]\d+)')/u);
    if (call) return this.call(call[1] ?? call[2]!);
    const reference = this.match(/g(?:\{([+-]?[\p{L}\p{Nd}_]+)\}|([+-]?\d+))|k(?:\{([\p{L}\p{Nd}_]+)\}|<([\p{L}\p{Nd}_]+)>|'([\p{L}\p{Nd}_]+)')/u);
    if (reference) return this.reference(reference.slice(1).find((name) => name !== undefined)!);
    if (/[1-9]/.test(letter)) return this.numbered();
    if (/[gkCuUlL]/.test(letter)) throw notSupported(`\\${letter}`);
    return this.literal(this.escapedCodePoint());
  }

  /** Escapes of a letter that stand for no one character of a set. */
  private simpleEscape(letter: string): Item | undefined {
    const simple = simpleEscapes[letter];
    if (simple) return simple;
    if (letter === 'N') return exactSet({ ranges: [[10, 10]] }, true);
    if (letter === 'K' && this.looks > 0) throw new RegularExpressionSyntaxError('\\K is not allowed in lookarounds (but see PCRE2_EXTRA_ALLOW_LOOKAROUND_BSK)');
    if (letter === 'K') return { node: { kind: 'keep' }, isRepeatable: false };
    return letter === 'b' || letter === 'B' ? wordBoundary(setSource(classEscape('w', this.isUnicode)!, false), letter === 'B') : undefined;
  }
}

const quantifierPattern = /[*+?]|\{(\d+)(?:,(\d*))?\}/;

const maxCount = 65_535;

function boundsOf([text, least, most]: RegExpExecArray): { min: number; max: number } {
  if (least === undefined) return { min: text === '+' ? 1 : 0, max: text === '?' ? 1 : Number.POSITIVE_INFINITY };
  const min = Number(least);
  const max = most === '' ? Number.POSITIVE_INFINITY : Number(most ?? least);
  if (min > maxCount || (max > maxCount && most !== '')) throw new RegularExpressionSyntaxError('number too big in {} quantifier');
  if (max < min) throw new RegularExpressionSyntaxError('numbers out of order in {} quantifier');
  return { min, max };
}

function notRepeatable(): RegularExpressionSyntaxError {
  return new RegularExpressionSyntaxError('quantifier does not follow a repeatable item');
}

function oneOf(branches: readonly Node[]): Node {
  return branches.length === 1 ? branches[0]! : { kind: 'alternatives', branches };
}

/** Whatever the case. */
function exactSet({ ranges, ...set }: CharacterSet, isNegated = false): Item {
  return repeatable({ kind: 'set', set: { ...set, ranges: [], exact: ranges }, isNegated, isCaseless: false });
}

const nothing: Node = { kind: 'sequence', nodes: [] };

function repeatable(node: Node): Item {
  return { node, isRepeatable: true };
}

/** What holds at a place without looking at a text of its own. */
function anchor(source: string): Item {
  return { node: { kind: 'anchor', source }, isRepeatable: false };
}

function wordBoundary(word: string, isNegated: boolean): Item {
  const [same, other] = isNegated ? ['=', '!'] : ['!', '='];
  return anchor(`(?:(?<=${word})(?${same}${word})|(?<!${word})(?${other}${word}))`);
}

const cuts = { COMMIT: 'commit', PRUNE: 'prune', SKIP: 'skip', THEN: 'alternative' } as const satisfies Record<string, Cut>;

const ahead = { isBehind: false, isNegated: false };

const wordedLooks: Readonly<Record<string, { readonly isBehind: boolean; readonly isNegated: boolean }>> = {
  pla: ahead, positive_lookahead: ahead, nla: { ...ahead, isNegated: true }, negative_lookahead: { ...ahead, isNegated: true },
  plb: { ...ahead, isBehind: true }, positive_lookbehind: { ...ahead, isBehind: true },
  nlb: { isBehind: true, isNegated: true }, negative_lookbehind: { isBehind: true, isNegated: true },
};

const lineBreak: Node = {
  kind: 'atomic',
  body: {
    kind: 'alternatives',
    branches: [
      { kind: 'sequence', nodes: [{ kind: 'literal', codePoint: 13, isCaseless: false }, { kind: 'literal', codePoint: 10, isCaseless: false }] },
      { kind: 'set', set: { ranges: [[10, 13], [0x85, 0x85], [0x2028, 0x2029]] }, isNegated: false, isCaseless: false },
    ],
  },
};

const simpleEscapes: Readonly<Record<string, Item>> = {
  A: anchor('^'),
  z: anchor('$'),
  Z: anchor('(?=\\n?$)'),
  G: { node: { kind: 'searchStart' }, isRepeatable: false },
  R: repeatable(lineBreak),
  X: repeatable({ kind: 'grapheme' }),
};

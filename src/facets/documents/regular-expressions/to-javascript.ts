// Writes regular expressions for JavaScript's engine, which is fast, where it matches as PCRE does.

import { caseVariants, literalSource, setSource, tellsCases, withCaseVariants } from './classes.ts';
import type { Node, Tree } from './tree.ts';
import { childrenOf, nodesWithin } from './tree.ts';

export type JavaScriptForm = {
  /** The groups are named `g1`, `g2`, … */
  readonly source: string;
  readonly flags: string;
  /** A match over n characters takes steps in the order of n to this power; Infinity: exponentially many. */
  readonly degree: number;
  /** What the groups capture is what they do in PCRE, too. */
  readonly hasSameCaptures: boolean;
};

/** Undefined where JavaScript cannot express the pattern, or would match otherwise. */
export function toJavaScript({ root }: Tree): JavaScriptForm | undefined {
  const nodes = [...nodesWithin(root)];
  if (nodes.some(isBeyondJavaScript) || sharesNumbers(nodes)) return undefined;
  const captures = new CaptureCheck();
  captures.follow(root, new Set());
  const cases = casesOf(nodes);
  if (captures.hasUnsureReference || (cases === 'mixed' && nodes.some((node) => node.kind === 'reference' && node.isCaseless))) return undefined;
  return {
    source: new Writer(cases === 'mixed').write(root),
    flags: cases === 'caseless' ? 'iu' : 'u',
    degree: degreeOf(nodes),
    hasSameCaptures: !captures.isForgetful,
  };
}

function isBeyondJavaScript(node: Node): boolean {
  switch (node.kind) {
    case 'call':
    case 'grapheme':
    case 'searchStart':
    case 'keep':
    case 'accept':
    case 'cut':
      return true;
    case 'condition':
      return node.test.kind !== 'look' || hasGroups(node.test.look);
    case 'reference':
      return node.groups.length !== 1;
    case 'look':
      // JavaScript looks behind from right to left, so that a group comes after the reference to it.
      return node.isBehind && [...nodesWithin(node.body)].some(({ kind }) => kind === 'reference');
    case 'repeat':
      // PCRE ends a repetition with a round that matches nothing, JavaScript refuses such a round where it need not be.
      return node.max > Math.min(node.min, 1) && shortestLength(node.body) === 0 && (node.body.kind !== 'look' || hasGroups(node.body));
    default:
      return false;
  }
}

function hasGroups(node: Node): boolean {
  return [...nodesWithin(node)].some(({ kind }) => kind === 'capture');
}

function sharesNumbers(nodes: readonly Node[]): boolean {
  const numbers = nodes.flatMap((node) => (node.kind === 'capture' ? [node.number] : []));
  return new Set(numbers).size < numbers.length;
}

/** In characters, at least. */
function shortestLength(node: Node): number {
  switch (node.kind) {
    case 'set':
    case 'literal':
      return 1;
    case 'sequence':
      return node.nodes.reduce((sum, each) => sum + shortestLength(each), 0);
    case 'alternatives':
      return Math.min(...node.branches.map(shortestLength));
    case 'capture':
    case 'atomic':
      return shortestLength(node.body);
    case 'repeat':
      return node.min * shortestLength(node.body);
    default:
      return 0;
  }
}

/** Follows which groups have surely matched, place by place. */
class CaptureCheck {
  /** A reference may be to a group that has matched nothing: PCRE fails there, JavaScript goes on. */
  hasUnsureReference = false;
  /** A round of a repetition may leave a group out: PCRE keeps what an earlier round captured, JavaScript forgets it. */
  isForgetful = false;

  /** The groups that have surely matched behind the node. */
  follow(node: Node, before: ReadonlySet<number>): ReadonlySet<number> {
    switch (node.kind) {
      case 'alternatives':
        return intersection(node.branches.map((branch) => this.follow(branch, before)));
      case 'condition':
        return intersection([node.yes, node.no].map((branch) => this.follow(branch, before)));
      case 'capture':
        return new Set([...this.follow(node.body, before), node.number]);
      case 'repeat':
        return this.followRepeat(node, before);
      case 'look':
        return node.isNegated ? (this.follow(node.body, before), before) : this.follow(node.body, before);
      case 'reference':
        this.hasUnsureReference ||= !before.has(node.groups[0]!);
        return before;
      default:
        return childrenOf(node).reduce((known, child) => this.follow(child, known), before);
    }
  }

  private followRepeat({ body, min, max }: Node & { kind: 'repeat' }, before: ReadonlySet<number>): ReadonlySet<number> {
    const after = this.follow(body, before);
    if (max > 1) this.isForgetful ||= [...nodesWithin(body)].some((node) => node.kind === 'capture' && !after.has(node.number));
    return min === 0 ? before : after;
  }
}

function intersection(sets: readonly ReadonlySet<number>[]): ReadonlySet<number> {
  const [first, ...others] = sets as [ReadonlySet<number>, ...ReadonlySet<number>[]];
  return new Set([...first].filter((each) => others.every((other) => other.has(each))));
}

// ---- case

/** JavaScript has one case for the whole pattern: where that is not enough, letters are written in both cases. */
function casesOf(nodes: readonly Node[]): 'caseless' | 'cased' | 'mixed' {
  const seen = new Set(nodes.flatMap(casesIn));
  if (seen.size > 1) return 'mixed';
  return seen.has(true) ? 'caseless' : 'cased';
}

/** Whether the case of letters is not to count in it, for each part that they are in. */
function casesIn(node: Node): readonly boolean[] {
  if (node.kind === 'literal') return caseVariants(node.codePoint).length > 1 ? [node.isCaseless] : [];
  if (node.kind === 'reference') return [node.isCaseless];
  if (node.kind !== 'set') return [];
  const { ranges, exact = [], properties = [] } = node.set;
  return [...(ranges.length > 0 ? [node.isCaseless] : []), ...(properties.length > 0 || tellsCases(exact) ? [false] : [])];
}

// ---- cost

/** Up to so many rounds a repetition counts as bounded. */
const manyRounds = 16;

function degreeOf(nodes: readonly Node[]): number {
  const unbounded = nodes.filter((node): node is Node & { kind: 'repeat' } => node.kind === 'repeat' && node.max > manyRounds);
  return unbounded.some(({ body }) => isVariable(body)) ? Number.POSITIVE_INFINITY : unbounded.length + 1;
}

/** It may match one text in several ways. */
function isVariable(node: Node): boolean {
  if (node.kind === 'alternatives' || node.kind === 'condition') return true;
  if (node.kind === 'atomic' || node.kind === 'look') return false;
  return (node.kind === 'repeat' && node.min !== node.max) || childrenOf(node).some(isVariable);
}

// ---- writing

class Writer {
  private readonly expandsCase: boolean;
  private hidden = 0;

  constructor(expandsCase: boolean) {
    this.expandsCase = expandsCase;
  }

  write(node: Node): string {
    switch (node.kind) {
      case 'set':
        return setSource(this.expandsCase && node.isCaseless ? withCaseVariants(node.set) : node.set, node.isNegated);
      case 'literal':
        return this.literal(node.codePoint, node.isCaseless);
      case 'anchor':
        return node.source;
      case 'sequence':
        return node.nodes.map((each) => this.write(each)).join('');
      case 'alternatives':
        return `(?:${node.branches.map((branch) => this.write(branch)).join('|')})`;
      case 'capture':
        return `(?<g${node.number}>${this.write(node.body)})`;
      case 'repeat':
        return `(?:${this.write(node.body)}){${node.min},${node.max === Number.POSITIVE_INFINITY ? '' : node.max}}${node.isLazy ? '?' : ''}`;
      case 'atomic':
        return this.atomic(node.body);
      case 'look':
        return this.look(node, node.isNegated);
      case 'reference':
        return `(?:\\k<g${node.groups[0]}>)`;
      case 'condition':
        return this.conditional(node);
      default:
        throw new Error(`JavaScript cannot express ${node.kind}`);
    }
  }

  private literal(codePoint: number, isCaseless: boolean): string {
    const variants = this.expandsCase && isCaseless ? caseVariants(codePoint) : [codePoint];
    return variants.length === 1 ? literalSource(codePoint) : setSource({ ranges: variants.map((variant) => [variant, variant]) }, false);
  }

  /** What matched stays matched: JavaScript has that for lookaheads, so the text is looked at, then taken. */
  private atomic(body: Node): string {
    const name = `h${++this.hidden}`;
    return `(?:(?=(?<${name}>${this.write(body)}))\\k<${name}>)`;
  }

  private look({ body, isBehind }: Node & { kind: 'look' }, isNegated: boolean): string {
    return `(?${isBehind ? '<' : ''}${isNegated ? '!' : '='}${this.write(body)})`;
  }

  private conditional({ test, yes, no }: Node & { kind: 'condition' }): string {
    if (test.kind !== 'look' || test.look.kind !== 'look') throw new Error('JavaScript can express conditions that look around alone');
    const { look } = test;
    return `(?:${this.look(look, look.isNegated)}${this.write(yes)}|${this.look(look, !look.isNegated)}${this.write(no)})`;
  }
}

// Matches regular expressions by backtracking, as PCRE does, where JavaScript's engine does otherwise or cannot: recursion, conditions,
// references to groups that have matched nothing, what repeated groups capture, verbs. Each node becomes a function that is told how to go on.

import { DocumentError } from '../errors.ts';
import { caseVariants, setSource, withCaseVariants } from './classes.ts';
import type { Condition, Cut, Node, Tree } from './tree.ts';
import { fixedLength } from './tree.ts';

/** Positions are in UTF-16 code units. */
export type Match = { readonly start: number; readonly end: number; readonly captures: readonly (string | undefined)[] };

/** How a way ended: failed, matched, or failed such that more than this way fails. */
const outcomes = { failed: 0, matched: 1, alternative: 2, skip: 3, prune: 4, commit: 5 } as const;

type Outcome = (typeof outcomes)[keyof typeof outcomes];

const { failed, matched } = outcomes;

/** Goes on at a place. */
type Next = (place: number) => Outcome;

type Step = (place: number, next: Next) => Outcome;

type Call = { readonly group: number; readonly place: number };

type Span = { readonly start: number; readonly end: number };

/** How many steps are made between two looks at the clock. */
const stepsBetweenLooks = 1_024;

export class Matcher {
  readonly #root: Step;
  readonly #groups: number;
  readonly #timeLimitMs: number;
  readonly #captureSteps = new Map<number, Step>();
  #alternations = 0;

  // Of the match that is under way.
  #text = '';
  #spans: (Span | undefined)[] = [];
  /** Where groups that are not closed yet start. */
  readonly #open = new Map<number, number>();
  #calls: Call[] = [];
  #searchStart = 0;
  #keptStart = 0;
  #skipTo = 0;
  #thenTarget = 0;
  #accept: Next = () => matched;
  #steps = 0;
  #deadline = 0;

  constructor({ root, groups }: Tree, timeLimitMs: number) {
    this.#groups = groups;
    this.#timeLimitMs = timeLimitMs;
    this.#root = this.#compile(root, 0);
  }

  /** The first match at or after `from`. Throws DocumentError 51156 where it takes too long, or recurs without end. */
  find(text: string, from: number): Match | null {
    this.#text = text;
    this.#searchStart = from;
    this.#steps = 0;
    this.#deadline = performance.now() + this.#timeLimitMs;
    for (let start = from; start <= text.length; ) {
      const { outcome, end } = this.#matchAt(start);
      if (outcome === outcomes.matched) return this.#found(end);
      if (outcome === outcomes.commit) return null;
      start = outcome === outcomes.skip && this.#skipTo > start ? this.#skipTo : start + characterLength(text, start);
    }
    return null;
  }

  #matchAt(start: number): { outcome: Outcome; end: number } {
    this.#spans = [];
    this.#open.clear();
    this.#calls = [];
    this.#keptStart = start;
    let end = start;
    this.#accept = (place) => {
      end = place;
      return matched;
    };
    try {
      return { outcome: this.#root(start, this.#accept), end };
    } catch (error) {
      // The stack holds no more ways to go back to.
      if (error instanceof RangeError) throw tooLong('match limit exceeded', error);
      throw error;
    }
  }

  #found(end: number): Match {
    const captures = Array.from({ length: this.#groups }, (_, index) => {
      const span = this.#spans[index + 1];
      return span && this.#text.slice(span.start, span.end);
    });
    return { start: Math.min(this.#keptStart, end), end, captures };
  }

  #countStep(): void {
    this.#steps += 1;
    if (this.#steps % stepsBetweenLooks === 0 && performance.now() > this.#deadline) throw tooLong('match limit exceeded');
  }

  // ---- the steps

  /** `alternation` numbers the alternatives that the node is in, as `(*THEN)` goes on to their next one. */
  #compile(node: Node, alternation: number): Step {
    switch (node.kind) {
      case 'set':
      case 'literal':
      case 'anchor':
        return this.#characters(sourceOf(node));
      case 'sequence':
        return this.#sequence(this.#gathered(node.nodes, alternation));
      case 'alternatives':
        return this.#alternatives(node.branches);
      case 'capture':
        return this.#capture(node.number, this.#compile(node.body, alternation));
      case 'repeat':
        return this.#repeat(node, this.#compile(node.body, alternation));
      case 'atomic':
        return this.#atomic(this.#compile(node.body, alternation));
      case 'look':
        return this.#look(node);
      case 'reference':
        return this.#reference(node);
      case 'call':
        return (place, next) => this.#call(node.groups[0]!, place, next);
      case 'condition':
        return this.#conditional(node.test, this.#compile(node.yes, alternation), this.#compile(node.no, alternation));
      case 'grapheme':
        return (place, next) => (place < this.#text.length ? next(place + graphemeLength(this.#text.slice(place))) : failed);
      case 'searchStart':
        return (place, next) => (place === this.#searchStart ? next(place) : failed);
      case 'keep':
        return (place, next) => this.#keep(place, next);
      case 'accept':
        return (place) => this.#acceptAt(place);
      case 'cut':
        return (place, next) => this.#cut(node.what, alternation, place, next);
    }
  }

  /** Characters, and what holds at a place: what matches in one way alone. */
  #characters(source: string): Step {
    const pattern = new RegExp(source, 'uy');
    return (place, next) => {
      pattern.lastIndex = place;
      return pattern.test(this.#text) ? next(pattern.lastIndex) : failed;
    };
  }

  /** What stands side by side and matches in one way alone is one step. */
  #gathered(nodes: readonly Node[], alternation: number): Step[] {
    const steps: Step[] = [];
    let source = '';
    const close = () => {
      if (source !== '') steps.push(this.#characters(source));
      source = '';
    };
    for (const node of nodes) {
      if (isSingle(node)) source += sourceOf(node);
      else {
        close();
        steps.push(this.#compile(node, alternation));
      }
    }
    close();
    return steps;
  }

  #sequence(steps: readonly Step[]): Step {
    const [first, second] = steps;
    if (steps.length === 1) return first!;
    if (steps.length === 2) return (place, next) => first!(place, (reached) => second!(reached, next));
    const from = (index: number, place: number, next: Next): Outcome =>
      index === steps.length ? next(place) : steps[index]!(place, (reached) => from(index + 1, reached, next));
    return (place, next) => from(0, place, next);
  }

  #alternatives(nodes: readonly Node[]): Step {
    const alternation = ++this.#alternations;
    const branches = nodes.map((node) => this.#compile(node, alternation));
    return (place, next) => {
      for (const branch of branches) {
        this.#countStep();
        const outcome = branch(place, next);
        if (outcome !== failed && !(outcome === outcomes.alternative && this.#thenTarget === alternation)) return outcome;
      }
      return failed;
    };
  }

  #capture(number: number, body: Step): Step {
    const step: Step = (place, next) => {
      this.#countStep();
      const outer = this.#open.get(number);
      this.#open.set(number, place);
      const outcome = body(place, (end) => {
        const before = this.#spans[number];
        this.#spans[number] = { start: place, end };
        this.#setOpen(number, outer);
        const outcomeBehind = next(end);
        if (outcomeBehind !== matched) {
          this.#spans[number] = before;
          this.#open.set(number, place);
        }
        return outcomeBehind;
      });
      if (outcome !== matched) this.#setOpen(number, outer);
      return outcome;
    };
    this.#captureSteps.set(number, step);
    return step;
  }

  #setOpen(number: number, place: number | undefined): void {
    if (place === undefined) this.#open.delete(number);
    else this.#open.set(number, place);
  }

  #repeat({ body: node, min, max, isLazy }: Node & { kind: 'repeat' }, body: Step): Step {
    if (!isLazy && (node.kind === 'set' || node.kind === 'literal')) return this.#repeatCharacter(body, min, max);
    const round = (count: number, place: number, next: Next): Outcome => {
      this.#countStep();
      if (count >= max) return failed;
      // A round that matches nothing is the last one.
      return body(place, (reached) => (reached === place && count >= min ? next(reached) : from(count + 1, reached, next)));
    };
    const from = (count: number, place: number, next: Next): Outcome => {
      if (count < min) return round(count, place, next);
      const first = isLazy ? next(place) : round(count, place, next);
      if (first !== failed) return first;
      return isLazy ? round(count, place, next) : next(place);
    };
    return (place, next) => from(0, place, next);
  }

  /** Of single characters the places are gathered instead of standing on the stack. */
  #repeatCharacter(body: Step, min: number, max: number): Step {
    return (place, next) => {
      const places = [place];
      const take: Next = (reached) => {
        places.push(reached);
        return matched;
      };
      while (places.length <= max && body(places.at(-1)!, take) === matched) this.#countStep();
      for (let count = places.length - 1; count >= min; count -= 1) {
        const outcome = next(places[count]!);
        if (outcome !== failed) return outcome;
      }
      return failed;
    };
  }

  #atomic(body: Step): Step {
    return (place, next) => {
      const before = this.#spans.slice();
      let end: number | undefined;
      const outcome = body(place, (reached) => {
        end = reached;
        return matched;
      });
      // Without an end it was accepted within: that is all.
      if (outcome !== matched || end === undefined) return outcome;
      return this.#goOn(next, end, before);
    };
  }

  /** Where it fails, the groups captured what they did before. */
  #goOn(next: Next, place: number, before: (Span | undefined)[]): Outcome {
    const outcome = next(place);
    if (outcome !== matched) this.#spans = before;
    return outcome;
  }

  #look({ body, isBehind, isNegated }: Node & { kind: 'look' }): Step {
    const holds = isBehind ? this.#behind(body) : this.#ahead(this.#compile(body, 0));
    return (place, next) => {
      const before = this.#spans.slice();
      const accept = this.#accept;
      this.#accept = () => matched;
      const isFound = holds(place);
      this.#accept = accept;
      if (isFound && !isNegated) return this.#goOn(next, place, before);
      this.#spans = before;
      return isFound === isNegated ? failed : next(place);
    };
  }

  #ahead(body: Step): (place: number) => boolean {
    return (place) => body(place, () => matched) === matched;
  }

  #behind(body: Node): (place: number) => boolean {
    const branches = (body.kind === 'alternatives' ? body.branches : [body]).map((branch) => ({ length: fixedLength(branch)!, step: this.#compile(branch, 0) }));
    return (place) =>
      branches.some(({ length, step }) => {
        const start = placeBefore(this.#text, place, length);
        return start !== undefined && step(start, () => matched) === matched;
      });
  }

  #reference({ groups, isCaseless }: Node & { kind: 'reference' }): Step {
    return (place, next) => {
      const span = groups.map((group) => this.#spans[group]).find((each) => each !== undefined);
      if (!span) return failed;
      const wanted = this.#text.slice(span.start, span.end);
      if (!isCaseless) return this.#text.startsWith(wanted, place) ? next(place + wanted.length) : failed;
      const end = endOfCaseless(this.#text, place, wanted);
      return end === undefined ? failed : next(end);
    };
  }

  #call(group: number, place: number, next: Next): Outcome {
    this.#countStep();
    if (this.#calls.some((call) => call.group === group && call.place === place)) throw tooLong('recursion loop');
    const [outerCalls, outerSpans, outerAccept] = [this.#calls, this.#spans.slice(), this.#accept];
    this.#calls = [...outerCalls, { group, place }];
    const innerCalls = this.#calls;
    const goBack: Next = (end) => {
      const [innerSpans, innerAccept] = [this.#spans, this.#accept];
      this.#calls = outerCalls;
      this.#spans = outerSpans.slice();
      this.#accept = outerAccept;
      const outcome = next(end);
      if (outcome !== matched) {
        this.#calls = innerCalls;
        this.#spans = innerSpans;
        this.#accept = innerAccept;
      }
      return outcome;
    };
    this.#accept = goBack;
    const outcome = (group === 0 ? this.#root : this.#captureSteps.get(group)!)(place, goBack);
    if (outcome === matched) return matched;
    this.#calls = outerCalls;
    this.#spans = outerSpans;
    this.#accept = outerAccept;
    // A verb within ends the call alone.
    return failed;
  }

  #conditional(test: Condition, yes: Step, no: Step): Step {
    switch (test.kind) {
      case 'never':
        return (place, next) => next(place);
      case 'isSet':
        return (place, next) => (test.groups.some((group) => this.#spans[group]) ? yes : no)(place, next);
      case 'isCalled':
        return (place, next) => (this.#isCalled(test.groups) ? yes : no)(place, next);
      case 'look': {
        const look = this.#compile(test.look, 0);
        return (place, next) => {
          let holds = false;
          const outcome = look(place, () => {
            holds = true;
            return yes(place, next);
          });
          return holds ? outcome : no(place, next);
        };
      }
    }
  }

  #isCalled(groups: readonly number[] | undefined): boolean {
    const call = this.#calls.at(-1);
    return call !== undefined && (groups === undefined || groups.includes(call.group));
  }

  #keep(place: number, next: Next): Outcome {
    const before = this.#keptStart;
    this.#keptStart = place;
    const outcome = next(place);
    if (outcome !== matched) this.#keptStart = before;
    return outcome;
  }

  /** The groups that it stands in end here. */
  #acceptAt(place: number): Outcome {
    for (const [number, start] of this.#open) this.#spans[number] = { start, end: place };
    return this.#accept(place);
  }

  #cut(what: Cut, alternation: number, place: number, next: Next): Outcome {
    const outcome = next(place);
    if (outcome !== failed) return outcome;
    if (what === 'skip') this.#skipTo = place;
    if (what !== 'alternative') return outcomes[what];
    this.#thenTarget = alternation;
    // Outside of alternatives there is no next one.
    return alternation === 0 ? outcomes.prune : outcomes.alternative;
  }
}

type Single = Node & { kind: 'set' | 'literal' | 'anchor' };

function isSingle(node: Node): node is Single {
  return node.kind === 'set' || node.kind === 'literal' || node.kind === 'anchor';
}

function sourceOf(node: Single): string {
  if (node.kind === 'anchor') return node.source;
  if (node.kind === 'set') return setSource(node.isCaseless ? withCaseVariants(node.set) : node.set, node.isNegated);
  const variants = node.isCaseless ? caseVariants(node.codePoint) : [node.codePoint];
  return setSource({ ranges: variants.map((each) => [each, each]) }, false);
}

function tooLong(reason: string, cause?: Error): DocumentError {
  return new DocumentError(51156, `Error occurred while executing the regular expression. Result code: ${reason}`, { cause });
}

/** Of the character at `place`, in UTF-16 code units. */
export function characterLength(text: string, place: number): number {
  return (text.codePointAt(place) ?? 0) > 0xffff ? 2 : 1;
}

/** So many characters before `place`, or nothing before the beginning. */
function placeBefore(text: string, place: number, characters: number): number | undefined {
  let at = place;
  for (let count = 0; count < characters; count += 1) {
    if (at === 0) return undefined;
    at -= at > 1 && characterLength(text, at - 2) === 2 ? 2 : 1;
  }
  return at;
}

function endOfCaseless(text: string, place: number, wanted: string): number | undefined {
  let at = place;
  for (const character of wanted) {
    const found = text.codePointAt(at);
    if (found === undefined || !caseVariants(character.codePointAt(0)!).includes(found)) return undefined;
    at += characterLength(text, at);
  }
  return at;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

function graphemeLength(text: string): number {
  const [first] = graphemes.segment(text);
  return first?.segment.length ?? 0;
}

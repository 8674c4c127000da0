// What a regular expression is once it is parsed.

import type { CharacterSet } from './classes.ts';

export type Node =
  /** One character of a set. */
  | { readonly kind: 'set'; readonly set: CharacterSet; readonly isNegated: boolean; readonly isCaseless: boolean }
  | { readonly kind: 'literal'; readonly codePoint: number; readonly isCaseless: boolean }
  /** What holds at a place, as JavaScript writes it. */
  | { readonly kind: 'anchor'; readonly source: string }
  | { readonly kind: 'sequence'; readonly nodes: readonly Node[] }
  | { readonly kind: 'alternatives'; readonly branches: readonly Node[] }
  | { readonly kind: 'capture'; readonly number: number; readonly body: Node }
  /** `max` may be Infinity. */
  | { readonly kind: 'repeat'; readonly body: Node; readonly min: number; readonly max: number; readonly isLazy: boolean }
  /** What matched stays matched. */
  | { readonly kind: 'atomic'; readonly body: Node }
  | { readonly kind: 'look'; readonly body: Node; readonly isBehind: boolean; readonly isNegated: boolean }
  /** The text of the first of these groups that has matched. `length` as of `fixedLength`. */
  | { readonly kind: 'reference'; readonly groups: readonly number[]; readonly isCaseless: boolean; readonly length: number | undefined }
  /** The pattern of the first of these groups once more, of all for 0. */
  | { readonly kind: 'call'; readonly groups: readonly number[]; readonly length: number | undefined }
  | { readonly kind: 'condition'; readonly test: Condition; readonly yes: Node; readonly no: Node }
  /** `\X`. */
  | { readonly kind: 'grapheme' }
  /** `\G`: where the search started. */
  | { readonly kind: 'searchStart' }
  /** `\K`: what is told to have matched starts here. */
  | { readonly kind: 'keep' }
  /** `(*ACCEPT)`: what is matched ends here. */
  | { readonly kind: 'accept' }
  /** Passed over; but once the match fails behind it, more than this way fails. */
  | { readonly kind: 'cut'; readonly what: Cut };

/** All of the search; this start; all starts up to here; this alternative. */
export type Cut = 'commit' | 'prune' | 'skip' | 'alternative';

export type Condition =
  | { readonly kind: 'look'; readonly look: Node }
  | { readonly kind: 'isSet'; readonly groups: readonly number[] }
  /** Within a call of one of the groups, or of any. */
  | { readonly kind: 'isCalled'; readonly groups: readonly number[] | undefined }
  /** What is only there to be called. */
  | { readonly kind: 'never' };

export type Tree = {
  readonly root: Node;
  /** How many groups capture. */
  readonly groups: number;
};

/** In characters; undefined where it is not one for all texts, or not known. */
export function fixedLength(node: Node): number | undefined {
  switch (node.kind) {
    case 'set':
    case 'literal':
      return 1;
    case 'sequence':
      return node.nodes.reduce<number | undefined>((sum, each) => {
        const length = fixedLength(each);
        return sum === undefined || length === undefined ? undefined : sum + length;
      }, 0);
    case 'alternatives':
      return sameLength(node.branches);
    case 'capture':
    case 'atomic':
      return fixedLength(node.body);
    case 'repeat':
      return repeatedLength(node);
    case 'condition':
      return node.test.kind === 'never' ? 0 : sameLength([node.yes, node.no]);
    case 'reference':
    case 'call':
      return node.length;
    case 'grapheme':
    case 'accept':
      return undefined;
    case 'anchor':
    case 'look':
    case 'searchStart':
    case 'keep':
    case 'cut':
      return 0;
  }
}

function sameLength(nodes: readonly Node[]): number | undefined {
  const [first, ...others] = nodes.map(fixedLength);
  return others.every((length) => length === first) ? first : undefined;
}

/** What looks ahead has no length, however often it is asked for. */
function repeatedLength({ body, min, max }: Node & { kind: 'repeat' }): number | undefined {
  if (body.kind === 'look' && !body.isBehind) return 0;
  const length = fixedLength(body);
  return min === max && length !== undefined ? length * min : undefined;
}

/** The nodes right below. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'sequence':
      return node.nodes;
    case 'alternatives':
      return node.branches;
    case 'capture':
    case 'atomic':
    case 'repeat':
    case 'look':
      return [node.body];
    case 'condition':
      return node.test.kind === 'look' ? [node.test.look, node.yes, node.no] : [node.yes, node.no];
    default:
      return [];
  }
}

/** The node and all below it. */
export function* nodesWithin(node: Node): Generator<Node> {
  yield node;
  for (const child of childrenOf(node)) yield* nodesWithin(child);
}

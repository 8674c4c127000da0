// Filters as predicates of documents. What can be decided once is decided when the filter is compiled.

import { unreachable } from '../../../kernel/assert.ts';
import type { Document, Maybe } from '../../../values/bson/types.ts';
import type { Expression, Scope } from '../expressions/expression.ts';
import { bitPredicate } from './bits.ts';
import { canonicalFilter } from './canonical-order.ts';
import type { Filter, LeafFilter, Path } from './filter.ts';
import { compileSchema } from './match-schema.ts';
import { isTruthy } from './numbers.ts';
import { anyAtPath, stepsOf, type Container, type LeafArrays, type Visit } from './paths.ts';
import { comparisonPredicate, inPredicate, modPredicate, patternPredicate, typePredicate, type Predicate } from './predicates.ts';
import { scopeOf } from './scopes.ts';

/** Where a filter found what it looked for: an index in the array that it went through, for the positional `$`. */
type Details = { position: number | undefined };

type Test = (root: Container, scope: Scope | undefined, details: Details | undefined) => boolean;

/** Of a value that a path found; `$elemMatch` tells the element's place. */
type LeafTest = (value: Maybe, details: Details | undefined) => boolean;

/**
 * Whether documents match. `scope` gives `$expr` its variables.
 * The predicate throws what expressions throw.
 */
export function compileFilter(filter: Filter): (document: Document, scope?: Scope) => boolean {
  if (filter.operator === '$eq' && filter.path.length === 1) return fieldTest(filter.path[0]!, comparisonPredicate(filter));
  const test = compile(filter);
  return (document, scope) => test(document, scope, undefined);
}

/** The commonest filter, without a detour. */
function fieldTest(name: string, predicate: Predicate): (document: Document) => boolean {
  return (document) => {
    const value = document.get(name);
    return predicate(value) || (Array.isArray(value) && value.some(predicate));
  };
}

export type PositionedMatch = {
  readonly matched: boolean;
  /** The index that the positional `$` stands for, if the filter went through an array. */
  readonly position: number | undefined;
};

/** As `compileFilter`, with the position in the array by which the filter's last condition on one matched. */
export function compilePositionedFilter(filter: Filter): (document: Document, scope?: Scope) => PositionedMatch {
  const test = compile(canonicalFilter(filter));
  return (document, scope) => {
    const details: Details = { position: undefined };
    return test(document, scope, details) ? { matched: true, position: details.position } : { matched: false, position: undefined };
  };
}

const positioned = new WeakMap<Filter, ReturnType<typeof compilePositionedFilter>>();

/** As `compilePositionedFilter`, for one document; filters are compiled once. */
export function matchWithPosition(filter: Filter, document: Document, scope?: Scope): PositionedMatch {
  const known = positioned.get(filter);
  if (known) return known(document, scope);
  const compiled = compilePositionedFilter(filter);
  positioned.set(filter, compiled);
  return compiled(document, scope);
}

function compile(filter: Filter): Test {
  switch (filter.operator) {
    case '$and':
      return compileAnd(filter.filters.map(compile));
    case '$or':
      return compileOr(filter.filters.map(compile), isList(filter.filters));
    case '$nor':
      return compileNor(filter.filters.map(compile));
    case '$not':
      return compileNot(compile(filter.filter));
    case '$expr':
      return compileExpr(filter.expression);
    case '$jsonSchema': {
      const accepts = compileSchema(filter.schema);
      return (root) => accepts(root as Maybe);
    }
    case '$sampleRate':
      return compileSampleRate(filter.rate);
    case '$alwaysTrue':
      return () => true;
    case '$alwaysFalse':
      return () => false;
    default:
      return compileLeaf(filter);
  }
}

/** The last condition that went through an array tells the position. */
function compileAnd(tests: readonly Test[]): Test {
  if (tests.length === 1) return tests[0]!;
  return (root, scope, details) => {
    for (const test of tests) {
      if (test(root, scope, details)) continue;
      if (details) details.position = undefined;
      return false;
    }
    return true;
  };
}

function compileOr(tests: readonly Test[], tellsPosition: boolean): Test {
  return (root, scope, details) => {
    for (const test of tests) if (test(root, scope, tellsPosition ? details : undefined)) return true;
    return false;
  };
}

/** Whether MongoDB takes an `$or` for an `$in`, or for its only condition: others tell no position. */
function isList([first, ...others]: readonly Filter[]): boolean {
  return first !== undefined && (others.length === 0 || [first, ...others].every((filter) => isListed(filter) && isListed(first) && filter.path.join('.') === first.path.join('.')));
}

function isListed(filter: Filter): filter is Extract<LeafFilter, { readonly operator: '$eq' | '$in' | '$regex' }> {
  return filter.operator === '$eq' || filter.operator === '$in' || filter.operator === '$regex';
}

function compileNor(tests: readonly Test[]): Test {
  return (root, scope) => {
    for (const test of tests) if (test(root, scope, undefined)) return false;
    return true;
  };
}

function compileNot(test: Test): Test {
  return (root, scope) => !test(root, scope, undefined);
}

function compileExpr({ constant, evaluate }: Expression): Test {
  if (constant) {
    const result = isTruthy(constant.value);
    return () => result;
  }
  return (root, scope) => {
    return isTruthy(evaluate(scopeOf(root as Document, scope)));
  };
}

function compileSampleRate(rate: number): Test {
  if (rate === 0) return () => false;
  return () => Math.random() < rate;
}

function compileLeaf(filter: LeafFilter): Test {
  const leaf = leafTest(filter);
  const leafArrays = leafArraysOf(filter);
  const { path } = filter;
  if (path.length === 1 && leafArrays === 'elements') return compileFieldLeaf(path[0]!, path, leaf);
  return compilePathLeaf(path, leafArrays, leaf);
}

function leafArraysOf({ operator }: LeafFilter): LeafArrays {
  return operator === '$elemMatch' || operator === '$size' ? 'whole' : 'elements';
}

function compileFieldLeaf(name: string, path: Path, leaf: LeafTest): Test {
  const general = compilePathLeaf(path, 'elements', leaf);
  return (root, scope, details) => {
    if (details || !(root instanceof Map)) return general(root, scope, details);
    const value = root.get(name);
    if (Array.isArray(value)) for (const element of value) if (leaf(element, undefined)) return true;
    return leaf(value, undefined);
  };
}

function compilePathLeaf(path: Path, leafArrays: LeafArrays, leaf: LeafTest): Test {
  const steps = stepsOf(path, leafArrays);
  const visit: Visit = (value) => leaf(value, undefined);
  return (root, _, details) => {
    if (!details) return anyAtPath(root, steps, visit);
    return anyAtPath(root, steps, (value, offset) => {
      if (!leaf(value, details)) return false;
      if (offset !== -1) details.position = offset;
      return true;
    });
  };
}

function leafTest(filter: LeafFilter): LeafTest {
  switch (filter.operator) {
    case '$eq':
    case '$lt':
    case '$lte':
    case '$gt':
    case '$gte':
      return comparisonPredicate(filter);
    case '$in':
      return inPredicate(filter);
    case '$regex':
      return patternPredicate(filter);
    case '$type':
      return typePredicate(filter);
    case '$exists':
      return (value) => value !== undefined;
    case '$mod':
      return modPredicate(filter.divisor, filter.remainder);
    case '$size':
      return (value) => Array.isArray(value) && value.length === filter.size;
    case '$elemMatch':
      return filter.of === 'values' ? elementTest(compileElement(filter.filter)) : nestedTest(compile(filter.filter));
    case '$bitsAllSet':
    case '$bitsAllClear':
    case '$bitsAnySet':
    case '$bitsAnyClear':
      return bitPredicate(filter);
    default:
      return unreachable(filter);
  }
}

function elementTest(accepts: (value: Maybe) => boolean): LeafTest {
  return (value, details) => {
    if (!Array.isArray(value)) return false;
    const position = value.findIndex(accepts);
    if (position === -1) return false;
    if (details) details.position = position;
    return true;
  };
}

/** Arrays among the elements count as documents of their indexes. */
function nestedTest(test: Test): LeafTest {
  return (value, details) => {
    if (!Array.isArray(value)) return false;
    const position = value.findIndex((element) => (element instanceof Map || Array.isArray(element)) && test(element, undefined, undefined));
    if (position === -1) return false;
    if (details) details.position = position;
    return true;
  };
}

/** What a filter says of one value, its paths left aside. */
function compileElement(filter: Filter): (value: Maybe) => boolean {
  switch (filter.operator) {
    case '$and': {
      const tests = filter.filters.map(compileElement);
      return (value) => tests.every((test) => test(value));
    }
    case '$or': {
      const tests = filter.filters.map(compileElement);
      return (value) => tests.some((test) => test(value));
    }
    case '$nor': {
      const tests = filter.filters.map(compileElement);
      return (value) => !tests.some((test) => test(value));
    }
    case '$not': {
      const test = compileElement(filter.filter);
      return (value) => !test(value);
    }
    case '$jsonSchema':
      return compileSchema(filter.schema);
    case '$alwaysTrue':
    case '$alwaysFalse': {
      const result = filter.operator === '$alwaysTrue';
      return () => result;
    }
    case '$sampleRate':
    case '$expr':
      return () => false;
    default: {
      const leaf = leafTest(filter);
      return (value) => leaf(value, undefined);
    }
  }
}

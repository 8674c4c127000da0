// Parses the projections of find and of $project. Source for errors, their order and texts: MongoDB 7.0.

import { isNumeric, typeNameOf, type Document, type Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { Evaluate, ParseContext } from '../expressions/expression.ts';
import { parseExpression } from '../expressions/parse.ts';
import { splitFieldPath } from '../expressions/paths.ts';
import { shellText } from '../expressions/shell-text.ts';
import type { Filter } from '../filters/filter.ts';
import { isTruthy } from '../filters/numbers.ts';
import { parseFilter } from '../filters/parse-filter.ts';
import { elemMatchOf, parseSlice, positionalAt, sliceAt, type Finish, type Slice } from './find-operators.ts';
import { projectionOf, type Projection } from './projection.ts';
import { ProjectionNode, type ProjectionKind } from './projection-tree.ts';

export type ProjectionOptions = {
  /** `find` has $slice, $elemMatch and the positional `$`, and may be empty. */
  readonly mode: 'find' | 'aggregate';
  /** The query, which the positional `$` needs. */
  readonly filter?: Filter | undefined;
};

/** What stands at the end of a path. */
type Leaf =
  | { readonly type: 'flag'; readonly included: boolean }
  | { readonly type: 'computed'; readonly evaluate: Evaluate }
  | { readonly type: 'slice'; readonly slice: Slice }
  | { readonly type: 'positional'; readonly query: Filter };

type Level = Map<string, Leaf | Level>;

type State = ProjectionOptions & {
  readonly context: ParseContext;
  readonly root: Level;
  kind: 'inclusion' | 'exclusion' | undefined;
  id: 'included' | 'excluded' | undefined;
  has: { positional: boolean; elemMatch: boolean; slice: boolean; meta: boolean; sortKey: boolean };
};

/**
 * A projection as find or $project specify it.
 * Throws DocumentError: 31249–31259, 31270–31276, 31308, 31310, 31324, 31325, 31394, 31395, 51050, 51270, 51272, 5392900,
 * those of paths, of filters and of expressions.
 */
export function parseProjection(spec: Document, options: ProjectionOptions, context: ParseContext): Projection {
  if (options.mode === 'aggregate' && spec.size === 0) throw new DocumentError(51_272, 'projection specification must have at least one field');
  const state: State = {
    ...options, context, root: new Map(), kind: undefined, id: undefined, has: { positional: false, elemMatch: false, slice: false, meta: false, sortKey: false },
  };
  for (const [name, value] of spec) parseElement(name, value, state.root, [], state);
  const isIdSpecified = [...spec.keys()].some((name) => name === '_id' || name.startsWith('_id.'));
  return build(state, state.kind ?? defaultKind(state), isIdSpecified);
}

/** What a projection is that names no field but `_id`: kept from MongoDB, where it grew. */
function defaultKind({ has, id, mode }: State): 'inclusion' | 'exclusion' {
  if (has.slice) return id === 'included' ? 'inclusion' : 'exclusion';
  if (has.elemMatch) return 'inclusion';
  if (has.meta && mode === 'aggregate') return 'inclusion';
  return id === 'included' ? 'inclusion' : 'exclusion';
}

// --- From the parsed levels to the tree that is applied.

function build(state: State, kind: 'inclusion' | 'exclusion', isIdSpecified: boolean): Projection {
  const { root, id } = state;
  if (!isIdSpecified && kind === 'inclusion') addLeaf(root, ['_id'], { type: 'flag', included: true });
  if (kind === 'exclusion' && id === 'included') root.delete('_id');
  const node = new ProjectionNode();
  const finishes: Finish[] = [];
  addLevel(root, [], { kind, node, finishes });
  return projectionOf(kind, node, finishes, { positional: state.has.positional, showsSortKey: state.has.sortKey });
}

type Building = { readonly kind: ProjectionKind; readonly node: ProjectionNode; readonly finishes: Finish[] };

function addLevel(level: Level, parent: readonly string[], building: Building): void {
  for (const [name, part] of level) {
    const path = [...parent, name];
    if (part instanceof Map) addLevel(part, path, building);
    else addToTree(path, part, building);
  }
}

function addToTree(path: readonly string[], leaf: Leaf, { kind, node, finishes }: Building): void {
  switch (leaf.type) {
    case 'flag':
      if (kind === 'exclusion' || leaf.included) node.name(path);
      return;
    case 'computed':
      node.compute(path, leaf.evaluate);
      return;
    case 'slice':
      if (kind === 'inclusion') node.name(path);
      finishes.push(sliceAt(path, leaf.slice));
      return;
    case 'positional':
      node.name(path);
      finishes.push(positionalAt(path, leaf.query));
  }
}

// --- Levels and their collisions.

function addLeaf(level: Level, path: readonly string[], leaf: Leaf): void {
  const name = path.at(-1)!;
  const parent = levelAt(level, path.slice(0, -1), path);
  if (parent.has(name)) throw new DocumentError(31_250, `Path collision at ${path.join('.')}`);
  parent.set(name, leaf);
}

/** The level at `fields`, made if need be. */
function levelAt(level: Level, fields: readonly string[], path: readonly string[]): Level {
  let current = level;
  for (const field of fields) {
    const part = current.get(field);
    if (part !== undefined && !(part instanceof Map)) {
      throw new DocumentError(31_249, `Path collision at ${path.join('.')} remaining portion ${path.slice(1).join('.')}`);
    }
    const next: Level = part ?? new Map();
    current.set(field, next);
    current = next;
  }
  return current;
}

// --- Elements.

function parseElement(name: string, value: Value, level: Level, parent: readonly string[], state: State): void {
  const isPositional = name.endsWith('.$');
  if (isPositional && state.mode !== 'find') throw new DocumentError(31_324, 'Cannot use positional projection in aggregation projection');
  if (name.includes('.$.')) {
    throw new DocumentError(31_394, "As of 4.4, it's illegal to specify positional operator in the middle of a path."
      + 'Positional projection may only be used at the end, for example: a.b.$. If the query '
      + "previously used a form like a.b.$.d, remove the parts following the '$' and the results will be equivalent.");
  }
  if (value instanceof Map) {
    if (isPositional) throw new DocumentError(31_271, 'positional projection cannot be used with an expression or sub object');
    parseObject(name, value, level, parent, state);
  } else if (typeof value === 'boolean' || isNumeric(value)) {
    parseFlag(name, value, level, parent, state);
  } else {
    if (isPositional) throw new DocumentError(31_308, 'positional projection cannot be used with a literal');
    parseLiteral(name, value, level, state);
  }
}

function parseFlag(name: string, value: Value, level: Level, parent: readonly string[], state: State): void {
  const isId = name === '_id' && parent.length === 0;
  if (isTruthy(value)) parseInclusion(name, level, isId, state);
  else parseExclusion(name, level, isId, state);
}

function parseInclusion(name: string, level: Level, isId: boolean, state: State): void {
  if (name.endsWith('.$')) parsePositional(name, level, state);
  else addLeaf(level, splitFieldPath(name), { type: 'flag', included: true });
  if (isId) {
    state.id = 'included';
    return;
  }
  if (state.kind === 'exclusion') throw new DocumentError(31_253, `Cannot do inclusion on field ${name} in exclusion projection`);
  state.kind = 'inclusion';
}

function parsePositional(name: string, level: Level, state: State): void {
  const { has, filter } = state;
  if (has.positional) throw new DocumentError(31_276, 'Cannot specify more than one positional projection per query.');
  if (has.elemMatch) throw new DocumentError(31_256, 'Cannot specify positional operator and $elemMatch.');
  if (!filter) throw new DocumentError(51_050, 'Projections with a positional operator require a matcher');
  if (name === '.$') throw new DocumentError(5_392_900, `Projection on field ${name} is invalid`);
  const path = splitFieldPath(name.slice(0, -2));
  assertFieldsOnly(filter);
  addLeaf(level, path, { type: 'positional', query: filter });
  has.positional = true;
}

/** The query of a positional `$` has to be one of fields. Throws DocumentError: QueryFeatureNotAllowed. */
function assertFieldsOnly(filter: Filter): void {
  if (filter.operator === '$expr' || filter.operator === '$jsonSchema') {
    throw new DocumentError('QueryFeatureNotAllowed', `${filter.operator} is not allowed in this context`);
  }
  if ('filters' in filter) for (const part of filter.filters) assertFieldsOnly(part);
  if ('filter' in filter) assertFieldsOnly(filter.filter);
}

function parseExclusion(name: string, level: Level, isId: boolean, state: State): void {
  if (name.endsWith('.$')) throw new DocumentError(31_395, 'positional projection cannot be used with exclusion');
  addLeaf(level, splitFieldPath(name), { type: 'flag', included: false });
  if (isId) {
    state.id = 'excluded';
    return;
  }
  if (state.kind === 'inclusion') throw new DocumentError(31_254, `Cannot do exclusion on field ${name} in inclusion projection`);
  state.kind = 'exclusion';
}

function parseLiteral(name: string, value: Value, level: Level, state: State): void {
  const { evaluate } = parseExpression(value, state.context);
  addLeaf(level, splitFieldPath(name), { type: 'computed', evaluate });
  if (state.kind === 'exclusion') throw new DocumentError(31_310, `Cannot use an expression ${name}: ${shellText(value)} in an exclusion projection`);
  state.kind = 'inclusion';
}

// --- Documents: operators and expressions, or fields of their own.

function parseObject(name: string, object: Document, level: Level, parent: readonly string[], state: State): void {
  if (object.size === 0) throw new DocumentError(51_270, 'An empty sub-projection is not a valid value. Found empty object at path');
  const path = splitFieldPath(name);
  const [operator] = object.keys();
  if (object.size === 1 && operator!.startsWith('$')) {
    if (parseOperator(path, operator!, object, level, parent, state)) return;
    assertFieldName(operator!);
  }
  const nested = nestedLevel(level, path);
  for (const [field, value] of object) parseElement(field, value, nested, [...parent, ...path], state);
}

function nestedLevel(level: Level, path: readonly string[]): Level {
  const parent = levelAt(level, path.slice(0, -1), path);
  const name = path.at(-1)!;
  const known = parent.get(name);
  if (known instanceof Map) return known;
  if (known) throw new DocumentError(31_250, `Path collision at ${path.join('.')}`);
  const made: Level = new Map();
  parent.set(name, made);
  return made;
}

function assertFieldName(operator: string): void {
  try {
    splitFieldPath(operator.endsWith('.$') ? operator.slice(0, -2) : operator);
  } catch (error) {
    if (error instanceof DocumentError) throw new DocumentError(31_325, `Unknown expression ${operator}`, { cause: error });
    throw error;
  }
}

/** Whether the operator is known; an unknown name may yet be a field's. */
function parseOperator(path: readonly string[], operator: string, object: Document, level: Level, parent: readonly string[], state: State): boolean {
  const operand = object.get(operator)!;
  if (operator === '$elemMatch') {
    if (state.mode !== 'find') throw new DocumentError('InvalidPipelineOperator', 'Cannot use $elemMatch in this context');
    parseElemMatch(path, operand, object, level, parent, state);
    return true;
  }
  if (operator === '$slice' && state.mode === 'find') {
    parseFindSlice(path, object, level, state);
    return true;
  }
  return parseComputed(path, operator, object, level, state);
}

/** In find, $slice is first its own operator, and the expression only if that does not fit. */
function parseFindSlice(path: readonly string[], object: Document, level: Level, state: State): void {
  let refusal: DocumentError;
  try {
    addLeaf(level, path, { type: 'slice', slice: parseSlice(object.get('$slice')!) });
    state.has.slice = true;
    return;
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    refusal = error;
  }
  try {
    parseComputed(path, '$slice', object, level, state);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const context = `Invalid $slice syntax. The given syntax ${shellText(object)} did not match the find() syntax because :: `
      + `${refusal.codeName}: ${refusal.details} :: The given syntax did not match the expression $slice syntax.`;
    throw new DocumentError(error.number, `${context} :: caused by :: ${error.details}`, { cause: error });
  }
}

function parseElemMatch(path: readonly string[], operand: Value, object: Document, level: Level, parent: readonly string[], state: State): void {
  if (!(operand instanceof Map)) throw new DocumentError(31_274, `elemMatch: Invalid argument, object required, but got ${typeNameOf(operand)}`);
  if (state.has.positional) throw new DocumentError(31_255, 'Cannot specify positional operator and $elemMatch.');
  if (path.length > 1 || parent.length > 0) throw new DocumentError(31_275, 'Cannot use $elemMatch projection on a nested field.');
  const [name] = path as [string];
  const condition = parseFilter(new Map([[name, object]]), state.context, 'fields');
  addLeaf(level, path, { type: 'computed', evaluate: elemMatchOf(name, condition) });
  state.has.elemMatch = true;
}

function parseComputed(path: readonly string[], operator: string, object: Document, level: Level, state: State): boolean {
  if (!state.context.operators.has(operator)) return false;
  const isMeta = operator === '$meta';
  if (state.kind === 'exclusion' && !isMeta) throw new DocumentError(31_252, 'Cannot use expression other than $meta in exclusion projection');
  if (!isMeta) state.kind ??= 'inclusion';
  const { evaluate } = parseExpression(object, state.context);
  addLeaf(level, path, { type: 'computed', evaluate });
  state.has.meta ||= isMeta;
  state.has.sortKey ||= isMeta && object.get(operator) === 'sortKey';
  return true;
}

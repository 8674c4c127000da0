// Applies the tree of an operator update to a document. Nothing is changed in place: a document or array is copied when
// something in it changes, and what did not change is shared with the original.

import type { DateTime, Document, Maybe, Timestamp, Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { shellText } from '../expressions/shell-text.ts';
import { elementText } from './messages.ts';
import { childrenAt, mergeNodes } from './modifier-tree.ts';
import { indexOfPart } from './path-order.ts';
import { assertTargetOutsideArrays, removeField, sourceValue } from './rename.ts';
import { assertDepth, assertDollarField, assertPadding } from './storage-rules.ts';
import { removed, unchanged } from './update.ts';
import type { ArrayNode, LeafNode, ObjectNode, Place, RenameNode, UpdateNode } from './update.ts';

/** One application of an update to one document. */
export type Run = {
  readonly document: Document;
  readonly now: DateTime;
  readonly nextTimestamp: () => Timestamp;
  /** The index of the array's element that the query matched. */
  readonly position: number | undefined;
  readonly isInsert: boolean;
  changed: boolean;
  /** The sources of renames, to be removed in the end. */
  readonly sources: (readonly string[])[];
};

/** A place in the document: the deepest field on the way that exists, and what of the path is beyond it. */
type Cursor = {
  readonly path: readonly string[];
  readonly missing: readonly string[];
  /** The value at `path`; where something is missing, that of which it is missing. */
  readonly value: Value;
};

type Result = Maybe | typeof removed;

/** The document after the update; the same object if nothing changed. */
export function applyModifiers(root: ObjectNode, run: Run): Document {
  const updated = applyObject(root, run.document, { path: [], missing: [], value: run.document }, run) as Document;
  return run.sources.reduce(removeField, updated);
}

function applyNode(node: UpdateNode, current: Maybe, at: Cursor, run: Run): Result {
  switch (node.kind) {
    case 'object':
      return applyObject(node, current, at, run);
    case 'array':
      return applyArray(node, current, at, run);
    case 'leaf':
      return applyLeaf(node, current, at, run);
    case 'rename':
      return applyRename(node, current, at, run);
    case 'source':
      return current;
    default:
      return node satisfies never;
  }
}

function applyObject(node: ObjectNode, current: Maybe, at: Cursor, run: Run): Maybe {
  const children = childrenAt(node, [...at.path, ...at.missing], run.position);
  if (current instanceof Map) return applyToDocument(children, current, at.path, run);
  if (Array.isArray(current)) return applyToArray(children, current, at.path, run);
  return applyToNothing(children, current, at, run);
}

type Children = ReadonlyMap<string, UpdateNode>;

function applyToDocument(children: Children, current: Document, path: readonly string[], run: Run): Document {
  let result = current;
  for (const [name, child] of children) {
    const before = result.get(name);
    const cursor: Cursor = before === undefined ? { path, missing: [name], value: result } : { path: [...path, name], missing: [], value: before };
    const after = applyNode(child, before, cursor, run);
    // Zero and minus zero are not the same.
    if (Object.is(after, before) || after === undefined) continue;
    if (result === current) result = new Map(current);
    if (after === removed) result.delete(name);
    else result.set(name, after);
  }
  return result;
}

function applyToArray(children: Children, current: readonly Value[], path: readonly string[], run: Run): Value[] {
  let result = current as Value[];
  for (const [name, child] of children) {
    const index = indexOfPart(name);
    const before = index === undefined ? undefined : result[index];
    const cursor: Cursor = before === undefined ? { path, missing: [name], value: result } : { path: [...path, name], missing: [], value: before };
    const after = applyNode(child, before, cursor, run);
    if (index === undefined || Object.is(after, before) || after === undefined) continue;
    if (result === current) result = [...current];
    while (result.length < index) result.push(null);
    result[index] = after === removed ? null : after;
  }
  return result;
}

/** Where nothing is there to have fields, or a value that has none: operators that create a field make a document, or refuse. */
function applyToNothing(children: Children, current: Maybe, at: Cursor, run: Run): Maybe {
  let result: Document | undefined;
  for (const [name, child] of children) {
    const after = applyNode(child, undefined, { ...at, missing: [...at.missing, name] }, run);
    if (after === undefined || after === removed) continue;
    result ??= new Map();
    result.set(name, after);
  }
  return result ?? current;
}

function applyArray(node: ArrayNode, current: Maybe, { path, missing }: Cursor, run: Run): Maybe {
  if (current === undefined) {
    throw new DocumentError('BadValue', `The path '${[...path, ...missing].join('.')}' must exist in the document in order to apply array updates.`);
  }
  if (!Array.isArray(current)) throw new DocumentError('BadValue', `Cannot apply array updates to non-array element ${elementText(path.at(-1)!, current)}`);
  const nodes = current.map((element) => matchingChildren(node, element));
  let result = current;
  for (const [index, [first, ...others]] of nodes.entries()) {
    if (!first) continue;
    const elementPath = [...path, String(index)];
    const merged = others.reduce((left, right) => mergeNodes(left, right, elementPath), first);
    const before = current[index]!;
    const after = applyNode(merged, before, { path: elementPath, missing: [], value: before }, run);
    if (Object.is(after, before)) continue;
    if (result === current) result = [...current];
    result[index] = after === removed || after === undefined ? null : after;
  }
  return result;
}

function matchingChildren({ children, filters }: ArrayNode, element: Value): UpdateNode[] {
  return [...children].filter(([identifier]) => identifier === '' || filters.get(identifier)!(element)).map(([, child]) => child);
}

function applyLeaf(node: LeafNode, current: Maybe, at: Cursor, run: Run): Result {
  if (node.onlyOnInsert && !run.isInsert) return current;
  const place: Place = { path: at.path, document: run.document, now: run.now, nextTimestamp: run.nextTimestamp };
  if (current === undefined) {
    if (node.create) return createField(node.create(place), at, run);
    if (!node.ignoresBlockedPath) assertNotBlocked(at);
    return undefined;
  }
  const after = node.change(current, place);
  if (after === unchanged) return current;
  assertChangeable(at.path);
  if (after !== removed && !node.onlyShrinks) assertStorableAt(after, at, run);
  run.changed = true;
  return after;
}

function applyRename({ source }: RenameNode, current: Maybe, at: Cursor, run: Run): Maybe {
  const value = sourceValue(source, run.document);
  if (value === undefined) return current;
  assertTargetOutsideArrays(at, run.document);
  if (current === undefined) createField(value, at, run);
  else {
    assertChangeable(at.path);
    assertStorableAt(value, at, run);
  }
  assertChangeable(source);
  run.sources.push(source);
  run.changed = true;
  return value;
}

/** `_id` cannot be changed. Throws ImmutableField. */
function assertChangeable(path: readonly string[]): void {
  if (path[0] === '_id') {
    throw new DocumentError('ImmutableField', `Performing an update on the path '${path.join('.')}' would modify the immutable field '_id'`);
  }
}

/** Gives `value` after checking that it can be made where the cursor says it is missing. Throws PathNotViable, CannotBackfillArray, ImmutableField. */
function createField(value: Value, at: Cursor, run: Run): Value {
  const { path, missing, value: parent } = at;
  const index = Array.isArray(parent) ? indexOfPart(missing[0]!) : undefined;
  if (!(parent instanceof Map) && index === undefined) {
    throw new DocumentError('PathNotViable', `Cannot create field '${missing[0]}' in element {${elementText(path.at(-1)!, parent)}}`);
  }
  if (Array.isArray(parent)) assertPadding(parent.length, index!);
  assertStorableAt(value, at, run);
  if (path[0] === '_id') {
    const made = missing.slice(1).reduceRight<Value>((inner, name) => new Map([[name, inner]]), value);
    const element = parent instanceof Map ? new Map([...parent, [missing[0]!, made]]) : parent;
    throw new DocumentError('ImmutableField', `Updating the path '${path.join('.')}' to ${elementText(path.at(-1)!, element)} would modify the immutable field '_id'`);
  }
  run.changed = true;
  return value;
}

/** What an upsert makes is checked as a whole, and more leniently, when it is complete. */
function assertStorableAt(value: Value, { path, missing, value: parent }: Cursor, run: Run): void {
  if (run.isInsert) return;
  assertDepth(value, path.length + missing.length);
  const [name] = [...path, ...missing];
  if (path.length + (missing.length > 0 ? 1 : 0) === 1 && name!.startsWith('$')) {
    const document = missing.length > 0 ? (parent as Document) : run.document;
    assertDollarField(new Map([...document, [name!, value]]), name!);
  }
}

/** For operators that create nothing: they do nothing where they could have created the field, and refuse elsewhere. */
function assertNotBlocked({ path, missing, value }: Cursor): void {
  if (value instanceof Map || (Array.isArray(value) && indexOfPart(missing[0]!) !== undefined)) return;
  throw new DocumentError('PathNotViable', `Cannot use the part (${missing[0]}) of (${[...path, ...missing].join('.')}) to traverse the element ({${path.at(-1)}: ${shellText(value)}})`);
}

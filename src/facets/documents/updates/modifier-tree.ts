// The tree of an update's paths: how operators are added to it and refused where they conflict, and how the parts of it
// that meet at one element of an array are merged.

import { typeNameOf } from '../../../values/bson/types.ts';
import type { Document, Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { shellText } from '../expressions/shell-text.ts';
import { elementText } from './messages.ts';
import { updateOperators } from './operators/registry.ts';
import { compareParts, isArrayFilterPart, isDynamicPath, isPathWithin, isPositionalPart } from './path-order.ts';
import type { ArrayNode, ElementTest, Modifier, ObjectNode, OperatorUpdate, UpdateNode, UpdateOperatorName } from './update.ts';

type Tree = {
  readonly root: ObjectNode;
  readonly filters: ReadonlyMap<string, ElementTest>;
  readonly usedFilters: Set<string>;
  needsPosition: boolean;
};

/** Throws FailedToParse, BadValue, EmptyFieldName, ConflictingUpdateOperators and the errors of each operator. */
export function parseOperatorUpdate(update: Document, filters: ReadonlyMap<string, ElementTest>): OperatorUpdate {
  if (update.has('$v')) throw new DocumentError('FailedToParse', 'The $v update field is only recognized internally');
  const tree: Tree = { root: newObjectNode(), filters, usedFilters: new Set(), needsPosition: false };
  const modifiers: Modifier[] = [];
  for (const [operator, fields] of update) {
    assertModifier(operator, fields);
    for (const [field, value] of fields) modifiers.push(addModifier(tree, operator, field, value));
  }
  for (const identifier of [...filters.keys()].toSorted(compareParts)) {
    if (!tree.usedFilters.has(identifier)) {
      throw new DocumentError('FailedToParse', `The array filter for identifier '${identifier}' was not used in the update ${shellText(update)}`);
    }
  }
  sortChildren(tree.root);
  return { kind: 'operators', modifiers, root: tree.root, needsPosition: tree.needsPosition };
}

function assertModifier(operator: string, fields: Value): asserts fields is Document {
  if (operator !== '$rename' && !updateOperators.has(operator)) {
    throw new DocumentError('FailedToParse', `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`);
  }
  if (!(fields instanceof Map)) {
    throw new DocumentError('FailedToParse', `Modifiers operate on fields but we found type ${typeNameOf(fields)} instead. For example: {$mod: {<field>: ...}} not {${elementText(operator, fields)}}`);
  }
}

function addModifier(tree: Tree, operator: string, field: string, value: Value): Modifier {
  const path = field.split('.');
  if (operator === '$rename') addRename(tree, field, value);
  else addNode(tree, field, () => updateOperators.get(operator)!.parse({ field, value }));
  return { operator: operator as UpdateOperatorName, path, value };
}

function addRename(tree: Tree, field: string, target: Value): void {
  addNode(tree, field, () => ({ kind: 'source' }));
  if (typeof target !== 'string') throw new DocumentError('BadValue', `The 'to' field for $rename must be a string: ${elementText(field, target)}`);
  addNode(tree, target, () => {
    const [source, destination] = [field.split('.'), target.split('.')];
    if (target.includes('\0')) throw new DocumentError('BadValue', "The 'to' field for $rename cannot contain an embedded null byte");
    if (field === target) throw new DocumentError('BadValue', `The source and target field for $rename must differ: ${elementText(field, target)}`);
    if (isPathWithin(source, destination) || isPathWithin(destination, source)) {
      throw new DocumentError('BadValue', `The source and target field for $rename must not be on the same path: ${elementText(field, target)}`);
    }
    if (isDynamicPath(source)) throw new DocumentError('BadValue', `The source field for $rename may not be dynamic: ${field}`);
    if (isDynamicPath(destination)) throw new DocumentError('BadValue', `The destination field for $rename may not be dynamic: ${target}`);
    return { kind: 'rename', source };
  });
}

/** `makeNode` parses the operator's argument: after the path was found valid, before it is found to conflict. */
function addNode(tree: Tree, field: string, makeNode: () => UpdateNode): void {
  const path = field.split('.');
  assertUpdatable(path, field);
  if (path.some(isPositionalPart)) tree.needsPosition = true;
  const node = makeNode();
  let current: ObjectNode | ArrayNode = tree.root;
  for (let index = 0; index < path.length - 1; index += 1) current = descend(tree, current, path, index);
  const name = childName(tree, path, path.length - 1);
  if (childOf(current, name)) throw conflict(field, field);
  setChild(current, name, node);
}

function assertUpdatable(path: readonly string[], field: string): void {
  if (field === '') throw new DocumentError('EmptyFieldName', 'An empty update path is not valid.');
  if (path.includes('')) throw new DocumentError('EmptyFieldName', `The update path '${field}' contains an empty field name, which is not allowed.`);
  const positions = path.filter(isPositionalPart).length;
  if (positions > 1) throw new DocumentError('BadValue', `Too many positional (i.e. '$') elements found in path '${field}'`);
  if (path[0] === '$') throw new DocumentError('BadValue', `Cannot have positional (i.e. '$') element in the first position in path '${field}'`);
}

/** The node under which the part after `index` stands: it is there, or it is made. */
function descend(tree: Tree, parent: ObjectNode | ArrayNode, path: readonly string[], index: number): ObjectNode | ArrayNode {
  const name = childName(tree, path, index);
  const kind = isArrayFilterPart(path[index + 1]!) ? 'array' : 'object';
  const child = childOf(parent, name);
  if (child === undefined) {
    const made: ObjectNode | ArrayNode = kind === 'array' ? { kind, children: new Map(), filters: tree.filters } : newObjectNode();
    setChild(parent, name, made);
    return made;
  }
  if ((child.kind !== 'array' && child.kind !== 'object') || child.kind !== kind) throw conflict(path.join('.'), path.slice(0, index + 1).join('.'));
  return child;
}

function childName(tree: Tree, path: readonly string[], index: number): string {
  const part = path[index]!;
  if (!isArrayFilterPart(part)) return part;
  const field = path.join('.');
  if (index === 0) throw new DocumentError('BadValue', `Cannot have array filter identifier (i.e. '$[<id>]') element in the first position in path '${field}'`);
  const identifier = part.slice(2, -1);
  if (identifier === '') return identifier;
  if (!tree.filters.has(identifier)) throw new DocumentError('BadValue', `No array filter found for identifier '${identifier}' in path '${field}'`);
  tree.usedFilters.add(identifier);
  return identifier;
}

function conflict(path: string, at: string): DocumentError {
  return new DocumentError('ConflictingUpdateOperators', `Updating the path '${path}' would create a conflict at '${at}'`);
}

function newObjectNode(): ObjectNode {
  return { kind: 'object', children: new Map() };
}

function childOf(node: ObjectNode | ArrayNode, name: string): UpdateNode | undefined {
  return node.kind === 'object' && isPositionalPart(name) ? node.positional : node.children.get(name);
}

function setChild(node: ObjectNode | ArrayNode, name: string, child: UpdateNode): void {
  if (node.kind === 'object' && isPositionalPart(name)) node.positional = child;
  else node.children.set(name, child);
}

function sortChildren(node: UpdateNode): void {
  if (node.kind !== 'object' && node.kind !== 'array') return;
  const sorted = [...node.children].toSorted(([a], [b]) => compareParts(a, b));
  node.children.clear();
  for (const [name, child] of sorted) {
    node.children.set(name, child);
    sortChildren(child);
  }
  if (node.kind === 'object' && node.positional) sortChildren(node.positional);
}

/** The children of a node with that of the positional `$` among them, at its index. `path` is the node's. */
export function childrenAt(node: ObjectNode, path: readonly string[], position: number | undefined): ReadonlyMap<string, UpdateNode> {
  if (!node.positional) return node.children;
  if (position === undefined) throw new DocumentError('BadValue', 'The positional operator did not find the match needed from the query.');
  const name = String(position);
  const sibling = node.children.get(name);
  const child = sibling ? mergeNodes(node.positional, sibling, [...path, name]) : node.positional;
  return new Map([...node.children, [name, child] as const].toSorted(([a], [b]) => compareParts(a, b)));
}

/** What two parts of the tree do at one element. Throws ConflictingUpdateOperators where both write at one place. */
export function mergeNodes(a: UpdateNode, b: UpdateNode, path: readonly string[]): UpdateNode {
  if (a.kind === 'array' && b.kind === 'array') {
    return { kind: 'array', filters: a.filters, children: mergeChildren(a.children, b.children, (name) => [...path, `$[${name}]`]) };
  }
  if (a.kind === 'object' && b.kind === 'object') {
    const positional = a.positional && b.positional ? mergeNodes(a.positional, b.positional, [...path, '$']) : (a.positional ?? b.positional);
    return { kind: 'object', positional, children: mergeChildren(a.children, b.children, (name) => [...path, name]) };
  }
  throw new DocumentError('ConflictingUpdateOperators', `Update created a conflict at '${path.join('.')}'`);
}

type Children = ReadonlyMap<string, UpdateNode>;

function mergeChildren(a: Children, b: Children, pathOf: (name: string) => string[]): Map<string, UpdateNode> {
  const merged = new Map(a);
  for (const [name, child] of b) {
    const other = a.get(name);
    merged.set(name, other ? mergeNodes(other, child, pathOf(name)) : child);
  }
  return new Map([...merged].toSorted(([first], [second]) => compareParts(first, second)));
}

// Parses $addFields (and $set): every value is an expression, every document without an operator a level of fields.

import type { Document, Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { ParseContext } from '../expressions/expression.ts';
import { parseExpression } from '../expressions/parse.ts';
import { splitFieldPath } from '../expressions/paths.ts';
import { shellText } from '../expressions/shell-text.ts';
import { projectionOf, type Projection } from './projection.ts';
import { ProjectionNode } from './projection-tree.ts';

/**
 * The fields that $addFields sets, as a projection that keeps all others.
 * Throws DocumentError: 40176, 40181, 40183, those of paths and of expressions.
 */
export function parseAddFields(spec: Document, context: ParseContext): Projection {
  const seen = new Set<string>();
  for (const [name, value] of spec) assertField(splitFieldPath(name).join('.'), value, spec, seen);
  const root = new ProjectionNode();
  for (const [name, value] of spec) addField(root, splitFieldPath(name), value, context);
  return projectionOf('addition', root);
}

function assertField(path: string, value: Value, spec: Document, seen: Set<string>): void {
  if (!(value instanceof Map)) {
    assertNew(path, spec, seen);
    return;
  }
  for (const [name, field] of value) {
    if (name.startsWith('$')) {
      if (value.size !== 1) throw new DocumentError(40_181, severalFields(value, spec));
      assertNew(path, spec, seen);
      continue;
    }
    if (name.includes('.')) throw new DocumentError(40_183, `cannot use dotted field name '${name}' in a sub object: ${shellText(spec)}`);
    assertField(splitFieldPath(`${path}.${name}`).join('.'), field, spec, seen);
  }
}

function severalFields(value: Document, spec: Document): string {
  return 'an expression specification must contain exactly one field, the name of the expression. '
    + `Found ${value.size} fields in ${shellText(value)}, while parsing object ${shellText(spec)}`;
}

/** No path may be set twice, nor within one that is set. */
function assertNew(path: string, spec: Document, seen: Set<string>): void {
  for (const other of seen) {
    if (other !== path && !other.startsWith(`${path}.`) && !path.startsWith(`${other}.`)) continue;
    throw new DocumentError(40_176, `specification contains two conflicting paths. Cannot specify both '${path}' and '${other}': ${shellText(spec)}`);
  }
  seen.add(path);
}

function addField(root: ProjectionNode, path: readonly string[], value: Value, context: ParseContext): void {
  const [first] = value instanceof Map ? value.keys() : [];
  if (!(value instanceof Map) || first === undefined || first.startsWith('$')) {
    root.compute(path, parseExpression(value, context).evaluate);
    return;
  }
  for (const [name, field] of value) addField(root, [...path, name], field, context);
}

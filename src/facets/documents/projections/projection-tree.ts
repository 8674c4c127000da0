// A projection's fields as a tree, and how it makes a new document. Included fields keep the order of the document;
// computed ones that it does not have follow in the order of the specification.

import type { Document, Maybe, Value } from '../../../values/bson/types.ts';
import type { Evaluate, Scope } from '../expressions/expression.ts';

/** What a projection does with fields that it does not name: drops them, keeps them, or keeps them all and only adds. */
export type ProjectionKind = 'inclusion' | 'exclusion' | 'addition';

/** One level of fields. A field is named (included or excluded), computed, or has a level of its own. */
export class ProjectionNode {
  /** Included or, in an exclusion, excluded. */
  readonly named = new Set<string>();
  /** Levels below and computed fields, in the order in which they were specified. */
  readonly parts = new Map<string, ProjectionNode | Evaluate>();
  /** Whether a field at any depth is computed. */
  computes = false;

  /** Names the field at a path. */
  name([field, ...rest]: readonly string[]): void {
    if (rest.length === 0) this.named.add(field!);
    else this.child(field!).name(rest);
  }

  /** Computes the field at a path. */
  compute([field, ...rest]: readonly string[], evaluate: Evaluate): void {
    this.computes = true;
    if (rest.length === 0) this.parts.set(field!, evaluate);
    else this.child(field!).compute(rest, evaluate);
  }

  private child(field: string): ProjectionNode {
    const known = this.parts.get(field);
    if (known instanceof ProjectionNode) return known;
    const made = new ProjectionNode();
    this.parts.set(field, made);
    return made;
  }
}

/** While a document is made: fields and elements may be missing and still have their place. */
type Draft = Map<string, Maybe>;

type Projecting = { readonly kind: ProjectionKind; readonly scope: Scope };

/** The document that the projection makes; `scope.root` is the document itself, for its expressions. */
export function projectDocument(node: ProjectionNode, kind: ProjectionKind, document: Document, scope: Scope): Document {
  return projectFields(node, document, { kind, scope });
}

function projectFields(node: ProjectionNode, document: Document, projecting: Projecting): Document {
  const draft: Draft = projecting.kind === 'inclusion' ? includeFields(node, document, projecting) : keepFields(node, document, projecting);
  if (node.computes) addComputed(node, draft, document, projecting);
  return withoutMissing(draft);
}

function includeFields(node: ProjectionNode, document: Document, projecting: Projecting): Draft {
  const draft: Draft = new Map();
  for (const [name, value] of document) {
    if (node.named.has(name)) {
      draft.set(name, value);
      continue;
    }
    const part = node.parts.get(name);
    if (part instanceof ProjectionNode) draft.set(name, projectValue(part, value, projecting));
  }
  return draft;
}

function keepFields(node: ProjectionNode, document: Document, projecting: Projecting): Draft {
  const draft: Draft = new Map();
  for (const [name, value] of document) {
    if (node.named.has(name)) continue;
    const part = node.parts.get(name);
    draft.set(name, part instanceof ProjectionNode ? projectValue(part, value, projecting) : value);
  }
  return draft;
}

/** The computed fields, and the levels with computed fields that the document does not have. */
function addComputed(node: ProjectionNode, draft: Draft, document: Document, projecting: Projecting): void {
  for (const [name, part] of node.parts) {
    if (part instanceof ProjectionNode) {
      if (part.computes && !document.has(name)) draft.set(name, projectFields(part, new Map(), projecting));
    } else {
      draft.set(name, part(projecting.scope));
    }
  }
}

/** Arrays are gone through at any depth. What is no document gives way to computed fields, or is itself included or not. */
function projectValue(node: ProjectionNode, value: Value, projecting: Projecting): Maybe {
  if (value instanceof Map) return projectFields(node, value, projecting);
  if (Array.isArray(value)) return value.flatMap((element) => elementOf(projectValue(node, element, projecting)));
  if (node.computes) return projectFields(node, new Map(), projecting);
  return projecting.kind === 'inclusion' ? undefined : value;
}

/** Wrapped, as flatMap takes an array apart. */
function elementOf(value: Maybe): Value[] {
  return value === undefined ? [] : [value];
}

function withoutMissing(draft: Draft): Document {
  for (const [name, value] of draft) if (value === undefined) draft.delete(name);
  return draft as Document;
}

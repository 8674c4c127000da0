// What parsing makes of the specification of a projection.

import type { Document } from '../../../values/bson/types.ts';
import type { Scope } from '../expressions/expression.ts';
import type { Finish } from './find-operators.ts';
import { projectDocument, type ProjectionKind, type ProjectionNode } from './projection-tree.ts';
import { scopeOf } from '../filters/scopes.ts';

export type Projection = {
  /** What happens to fields that it does not name. */
  readonly kind: ProjectionKind;
  /** Whether it has a positional `$`, and so needs the query by which its documents were found. */
  readonly positional: boolean;
  /** Whether it shows the document's sort key, and so needs a sort. */
  readonly showsSortKey: boolean;
  /** The document that it makes; `document` stays as it is. Throws what expressions throw, 51246 and 51247. */
  apply(document: Document, scope?: Scope): Document;
};

/** A projection of a tree and of the operators that work on the tree's result. */
export function projectionOf(kind: ProjectionKind, root: ProjectionNode, finishes: readonly Finish[] = [], { positional = false, showsSortKey = false } = {}): Projection {
  return {
    kind,
    positional,
    showsSortKey,
    apply(document, scope) {
      const own = scopeOf(document, scope);
      let projected = projectDocument(root, kind, document, own);
      for (const finish of finishes) projected = finish(projected, document, own);
      return projected;
    },
  };
}

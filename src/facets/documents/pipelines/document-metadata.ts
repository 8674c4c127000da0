// What is known of documents beside their fields while they flow through a pipeline: the key by which they were sorted, the key by
// which an index found them. Kept only where the pipeline asks for it (`$meta`); stages that make one document of another carry
// it along. Source: MongoDB 7.0, src/mongo/db/exec/document_value/document_metadata_fields.h.

import type { Document, Maybe, Value } from '../../../values/bson/types.ts';
import type { Scope } from '../expressions/expression.ts';

const names = ['sortKey', 'indexKey'] as const;
export type MetadataName = (typeof names)[number];

export class DocumentMetadata {
  readonly #known = new WeakMap<Document, Partial<Record<MetadataName, Value>>>();

  set(document: Document, name: MetadataName, value: Value): void {
    this.#known.set(document, { ...this.#known.get(document), [name]: value });
  }

  of(document: Maybe, name: string): Maybe {
    const known = document instanceof Map ? this.#known.get(document) : undefined;
    return known?.[name as MetadataName];
  }

  /** What is known of a document holds for the one that was made of it. */
  carry(from: Document, to: Document): Document {
    const known = this.#known.get(from);
    if (known !== undefined && from !== to) this.#known.set(to, known);
    return to;
  }

  /** Scopes in which `$meta` reads it. */
  scopes(scopeFor: (root: Maybe) => Scope): (root: Maybe) => Scope {
    return (root) => ({ ...scopeFor(root), metadata: (name) => this.of(root, name) });
  }
}

/** Whether an argument asks for any of it. */
export function readsMetadata(argument: Value): boolean {
  if (Array.isArray(argument)) return argument.some(readsMetadata);
  if (!(argument instanceof Map)) return false;
  const asked = argument.get('$meta');
  return names.some((name) => name === asked) || [...argument.values()].some(readsMetadata);
}

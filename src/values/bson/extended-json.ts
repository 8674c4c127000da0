// Extended JSON, canonical and relaxed, and the form of it that is stored beside the documents' bytes.
// Source: the Extended JSON specification 2.1 (github.com/mongodb/specifications).

import { BsonError } from './bson-error.ts';
import { parseJson } from './json-parse.ts';
import { jsonOf } from './json-values.ts';
import type { Document, Value } from './types.ts';

export { toStoredJson } from './stored-json.ts';

/** Canonical Extended JSON without spaces: every value keeps its type. */
export function toExtendedJson(value: Value): string {
  return jsonOf(value, 'canonical');
}

/**
 * The value of canonical or relaxed Extended JSON. A plain number without fraction and exponent is an int where 32 bits
 * hold it, else a long, else a double. Throws a BsonError for any other text.
 */
export function parseExtendedJson(text: string): Value {
  return parseJson(text, { isStored: false });
}

/**
 * The document of what `toStoredJson` made, also after PostgreSQL's jsonb had it; and of Extended JSON as a person writes
 * it in SQL, read as `parseExtendedJson` does; where it has the name of a wrapper and is none, as the document that it is.
 * Throws a BsonError for any other text.
 */
export function fromStoredJson(text: string): Document {
  const value = parseJson(text, { isStored: true });
  if (!(value instanceof Map)) throw new BsonError('malformed', 'a document must be a JSON object');
  return value;
}

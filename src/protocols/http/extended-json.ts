// Documents as Extended JSON: relaxed for people, canonical for programs that need every type back.

import { type Document, EJSON, deserialize, serialize } from 'bson';
import { FacetError, messageOf } from '../../kernel/errors.ts';
import { RequestError } from './request-error.ts';

export type JsonForm = 'relaxed' | 'canonical';

/** The BSON of a request's document, read as JSON. Throws RequestError. */
export function bsonOf(json: unknown, field: string): Buffer {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new RequestError(field, 'expected a document');
  try {
    const bytes = serialize(EJSON.deserialize(json as Document, { relaxed: false }) as Document);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    throw new RequestError(field, `it is no Extended JSON: ${messageOf(error)}`);
  }
}

/** A document as what JSON.stringify writes as Extended JSON. */
export function jsonOf(bytes: Uint8Array, form: JsonForm): Document {
  try {
    return EJSON.serialize(deserialize(bytes, { promoteValues: false, bsonRegExp: true }), { relaxed: form === 'relaxed' });
  } catch (error) {
    throw new FacetError('internal', 'a document cannot be shown', { cause: error });
  }
}

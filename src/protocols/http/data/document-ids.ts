// `_id`s in paths: a plain text is itself, 24 hexadecimal digits are an ObjectId first, `{"$oid": …}` and other Extended JSON is
// what it says, and so are a number, true, false and null.

import { ObjectId } from 'bson';
import { RequestError } from '../request-error.ts';

/** The `_id`s that a path's segment may stand for, the likeliest first, in Extended JSON. Throws RequestError. */
export function idCandidates(segment: string): unknown[] {
  const text = decoded(segment);
  if (/^[0-9a-fA-F]{24}$/.test(text)) return [{ $oid: text.toLowerCase() }, text];
  if (/^[{"]/.test(text)) {
    try {
      return [JSON.parse(text) as unknown];
    } catch {
      return [text];
    }
  }
  if (/^(?:true|false|null|-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?)$/.test(text)) return [JSON.parse(text) as unknown, text];
  return [text];
}

/** The segment for an `_id` in Extended JSON, canonical or relaxed: read back, it stands for that first. */
export function keyOfId(id: unknown): string {
  if (typeof id === 'string') return encodeURIComponent(idCandidates(encodeURIComponent(id))[0] === id ? id : JSON.stringify(id));
  if (typeof id !== 'object' || id === null) return String(id);
  const object = id as Record<string, unknown>;
  if (typeof object['$oid'] === 'string') return object['$oid'];
  return encodeURIComponent(JSON.stringify(id));
}

export function newObjectId(): string {
  return new ObjectId().toHexString();
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new RequestError('key', 'it is not percent-encoded');
  }
}

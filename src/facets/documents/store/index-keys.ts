// `returnKey`: of each document the key that it has in the index that serves the query.

import type { Document, Maybe, Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { CollectionInfo } from './catalog.ts';
import { indexSpecificationsOf } from './index-specifications.ts';

type Choice = { readonly hint: Value | undefined; readonly sort: Document | undefined };

/**
 * The index that `hint` names, else one that gives the order of `sort`; where there is none, documents have no key and are
 * empty, as MongoDB's are of a scan. Throws DocumentError where an array would give several keys.
 */
export function keyReader(info: CollectionInfo, { hint, sort }: Choice): (document: Document) => Document {
  const key = keyOf(info, { hint, sort });
  const paths = key === undefined ? [] : [...key.keys()];
  return (document) => new Map(paths.map((path) => [path, valueAt(document, path.split('.')) ?? null]));
}

function keyOf(info: CollectionInfo, { hint, sort }: Choice): Document | undefined {
  const all = indexSpecificationsOf(info);
  const keys = (specification: Document): Document | undefined => {
    const key = specification.get('key');
    return key instanceof Map ? key : undefined;
  };
  if (typeof hint === 'string') return all.filter((specification) => specification.get('name') === hint).map(keys)[0];
  const wanted = hint instanceof Map && hint.size > 0 ? hint : sort;
  if (wanted === undefined || wanted.size === 0) return undefined;
  const names = [...wanted.keys()];
  return all.map(keys).find((key) => key !== undefined && names.every((name, index) => [...key.keys()][index] === name));
}

function valueAt(value: Maybe, path: readonly string[]): Maybe {
  if (Array.isArray(value)) throw new DocumentError('CommandNotSupported', 'returnKey is not supported for arrays: which of their keys served the query is not known');
  const [name, ...rest] = path;
  if (name === undefined) return value;
  return value instanceof Map ? valueAt(value.get(name), rest) : undefined;
}

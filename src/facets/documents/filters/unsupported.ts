// The query operators that are refused, and as what: MongoDB's own error where it has one for a server that lacks the
// index or the engine in question.

import type { DocumentErrorName } from '../errors.ts';

export type UnsupportedOperator = {
  readonly name: string;
  /** `document` operators stand where a field's name does, `field` operators under a field. */
  readonly place: 'document' | 'field';
  readonly code: DocumentErrorName | number;
  readonly text: string;
  readonly reason: string;
};

const noGeometry = 'Geometry is not evaluated: there are no geospatial indexes, and no arithmetic on the sphere.';

const nearText = 'unable to find index for $geoNear query';

export const unsupportedOperators: readonly UnsupportedOperator[] = [
  { name: '$text', place: 'document', code: 'IndexNotFound', text: 'text index required for $text query', reason: 'There are no text indexes.' },
  { name: '$where', place: 'document', code: 6_108_304, text: 'no globalScriptEngine in $where parsing', reason: 'JavaScript of clients is never run, as with security.javascriptEnabled: false.' },
  { name: '$near', place: 'field', code: 'NoQueryExecutionPlans', text: nearText, reason: noGeometry },
  { name: '$nearSphere', place: 'field', code: 'NoQueryExecutionPlans', text: nearText, reason: noGeometry },
  { name: '$geoNear', place: 'field', code: 'NoQueryExecutionPlans', text: nearText, reason: noGeometry },
  { name: '$geoWithin', place: 'field', code: 'NotImplemented', text: '$geoWithin is not supported', reason: noGeometry },
  { name: '$within', place: 'field', code: 'NotImplemented', text: '$within is not supported', reason: noGeometry },
  { name: '$geoIntersects', place: 'field', code: 'NotImplemented', text: '$geoIntersects is not supported', reason: noGeometry },
];

export const unsupportedByName: ReadonlyMap<string, UnsupportedOperator> = new Map(unsupportedOperators.map((operator) => [operator.name, operator]));

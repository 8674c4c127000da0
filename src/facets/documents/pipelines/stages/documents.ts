// $documents.

import { typeNameOfMaybe } from '../../expressions/coercions.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { valueText } from '../../expressions/shell-text.ts';
import type { Document, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { notInFacets } from '../stage.ts';
import type { SourceStage, StageContext, StageKind } from '../stage.ts';
import { newSourceStage } from './source-stage.ts';

function parseDocuments(argument: Value, { expressions }: StageContext): SourceStage {
  const { evaluate } = parseExpression(argument, expressions);
  return newSourceStage('$documents', async (environment) => {
    const documents = evaluate(environment.scopeFor(new Map()));
    if (!Array.isArray(documents)) throw new DocumentError(5858203, 'an array is expected');
    return documents.map(assertDocument);
  });
}

function assertDocument(value: Value): Document {
  if (value instanceof Map) return value;
  throw new DocumentError(
    40228,
    `'newRoot' expression  must evaluate to an object, but resulting value was: ${valueText(value)}. Type of resulting value: '${typeNameOfMaybe(value)}'.`,
  );
}

export const documentsStage: StageKind = {
  name: '$documents',
  parse: parseDocuments,
  position: 'first',
  places: notInFacets,
  collectionless: 'only',
  examples: [
    { stage: '[{"a": 1}, {"a": {"$add": [1, 1]}}]', result: '[{"a": 1}, {"a": 2}]' },
    { stage: '[]', result: '[]' },
    { stage: '{"a": 1}', error: 5858203 },
    { stage: '[1]', error: 40228 },
  ],
};

// How stages that make one document of one are run.

import type { Document } from '../../../../values/bson/types.ts';
import type { Scope } from '../../expressions/expression.ts';
import { mapBatches } from '../batches.ts';
import type { TransformStage } from '../stage.ts';

export function newTransformStage(name: TransformStage['name'], transform: (document: Document, scope: Scope) => Document, reading: Pick<TransformStage, 'origin' | 'root'> = {}): TransformStage {
  return {
    name,
    transform,
    ...reading,
    run: (input, environment) => {
      const { metadata, scopeFor } = environment;
      const apply = (document: Document): Document => transform(document, scopeFor(document));
      return mapBatches(input, environment, (batch) => batch.map(metadata === undefined ? apply : (document) => metadata.carry(document, apply(document))));
    },
  };
}

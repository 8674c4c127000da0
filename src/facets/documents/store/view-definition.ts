// What a view must be when it is made.

import type { Connection } from '../../../engine/client.ts';
import { DocumentError } from '../errors.ts';
import { newStageContext, parsePipeline } from '../pipelines/parse-pipeline.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { type ViewDefinition, readCollection, viewOf } from './catalog.ts';
import { assertUsable, namespaceOf } from './names.ts';

/** How many views may stand on each other. */
export const deepestView = 20;

/** Throws DocumentError: those of the pipeline, GraphContainsCycle, ViewDepthLimitExceeded. */
export async function assertViewDefinition(connection: Connection, target: CollectionName, view: ViewDefinition): Promise<void> {
  const { database } = target;
  let source = { database, collection: view.viewOn };
  assertUsable(source);
  parsePipeline(view.pipeline, newStageContext({ ...source, place: 'view' }));
  const path = [namespaceOf(target)];
  for (let depth = 1; depth <= deepestView; depth += 1) {
    path.push(namespaceOf(source));
    if (source.collection === target.collection) throw new DocumentError('GraphContainsCycle', `View cycle detected: ${path.join(' => ')}`);
    const info = await readCollection(connection, source);
    if (info?.kind !== 'view') return;
    source = { database, collection: viewOf(info).viewOn };
  }
  throw new DocumentError('ViewDepthLimitExceeded', `View depth limit exceeded; maximum depth is ${deepestView}`);
}

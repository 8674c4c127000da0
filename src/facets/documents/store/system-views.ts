// `system.views`: the definitions of a database's views, as MongoDB keeps them in a collection. Here they stand in PostgreSQL's
// catalog, and the collection is read as a view that has them as its documents.

import { type Document, type Value } from '../../../values/bson/types.ts';
import type { CollectionName } from '../pipelines/stage.ts';
import { type CollectionInfo, viewOf } from './catalog.ts';
import { namespaceOf } from './names.ts';

const systemViewsName = 'system.views';

export function isSystemViews({ collection }: CollectionName): boolean {
  return collection === systemViewsName;
}

/** Undefined where the database has no views. */
export function systemViewsOf(infos: readonly CollectionInfo[]): CollectionInfo | undefined {
  const views = infos.filter(({ kind }) => kind === 'view');
  const [first] = views;
  if (first === undefined) return undefined;
  // Of no collection: the documents come from the pipeline.
  const options: Document = new Map<string, Value>([['viewOn', ''], ['pipeline', [new Map([['$documents', new Map([['$literal', views.map(definitionOf)]])]])]]]);
  return { ...first, target: { database: first.target.database, collection: systemViewsName }, options, indexes: [] };
}

function definitionOf(view: CollectionInfo): Document {
  const { viewOn, pipeline } = viewOf(view);
  return new Map<string, Value>([['_id', namespaceOf(view.target)], ['viewOn', viewOn], ['pipeline', [...pipeline]]]);
}

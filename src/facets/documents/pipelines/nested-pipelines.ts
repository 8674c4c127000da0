// What $lookup, $unionWith and $graphLookup share: the collections and pipelines that they name.

import type { Document, Maybe, Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { Batches, CollectionName, Pipeline, PipelineEnvironment, StageContext } from './stage.ts';
import { runPipeline } from './run-pipeline.ts';
import { readArguments } from './stage-arguments.ts';

/** A field `pipeline`. Throws DocumentError: TypeMismatch. */
export function assertPipeline(value: Value): Value[] {
  if (!Array.isArray(value)) throw new DocumentError('TypeMismatch', "'pipeline' option must be specified as an array");
  for (const stage of value) {
    if (!(stage instanceof Map)) throw new DocumentError('TypeMismatch', "Each element of the 'pipeline' array must be an object");
  }
  return value;
}

/** Whether a pipeline brings its own documents, and so needs no collection. */
export function startsWithDocuments(stages: readonly Value[]): boolean {
  const [first] = stages;
  return first instanceof Map && first.has('$documents');
}

/** A collection of the command's database. Throws DocumentError: InvalidNamespace. */
export function namedCollection(stage: string, { database }: StageContext, collection: string): CollectionName {
  assertCollectionName(`invalid ${stage} namespace`, { database, collection });
  return { database, collection };
}

/** `from: {db, coll}`, which names collections of the server's own alone. Throws DocumentError: TypeMismatch, IDLUnknownField, FailedToParse. */
export function refuseForeignDatabase(stage: string, from: Document): never {
  const given = readArguments('from', from, { db: { types: ['string'] }, coll: { types: ['string'] } });
  const textOf = (name: string): string => (given.get(name) as string | undefined) ?? '';
  throw new DocumentError('FailedToParse', `${stage} with syntax {from: {db:<>, coll:<>},..} is not supported for db: ${textOf('db')} and coll: ${textOf('coll')}`);
}

/** Throws DocumentError: InvalidNamespace. */
export function assertCollectionName(text: string, { database, collection }: CollectionName): void {
  const isValid = collection !== '' && !collection.startsWith('.') && !/[\0$]/.test(collection.replace('$cmd', '')) && database !== '' && !/[\0./\\ "$]/.test(database);
  if (!isValid) throw new DocumentError('InvalidNamespace', `${text}: ${database}.${collection}`);
}

/** The documents of a nested pipeline: over a collection, or those that it brings itself. */
export function runNested(from: CollectionName | undefined, pipeline: Pipeline, environment: PipelineEnvironment): Batches {
  return from ? environment.readCollection(from, pipeline, environment) : runPipeline(pipeline, noBatches(), environment);
}

async function* noBatches(): Batches {}

/** The environment of a nested pipeline that sees more variables. */
export function withValues(environment: PipelineEnvironment, values: readonly { readonly slot: number; readonly value: Maybe }[]): PipelineEnvironment {
  return {
    ...environment,
    scopeFor(root) {
      const scope = environment.scopeFor(root);
      for (const { slot, value } of values) scope.slots[slot] = value;
      return scope;
    },
  };
}

// Runs a pipeline that is parsed.

import type { Document } from '../../../values/bson/types.ts';
import type { Batches, Pipeline, PipelineEnvironment } from './stage.ts';

/**
 * The documents that `pipeline` gives over `input`. Nothing is read before the first batch is asked for; to end the
 * iteration early ends the input's too. Throws DocumentError, while it is iterated.
 */
export function runPipeline(pipeline: Pipeline, input: Batches, environment: PipelineEnvironment): Batches {
  return pipeline.reduce((batches, stage) => stage.run(batches, environment), input);
}

/** A pipeline that an update allows, over one document. Throws DocumentError. */
export function transformDocument(pipeline: Pipeline, document: Document, environment: Pick<PipelineEnvironment, 'scopeFor'>): Document {
  return pipeline.reduce((current, stage) => {
    if (!('transform' in stage)) throw new TypeError(`${stage.name} is no stage of an update`);
    return stage.transform(current, environment.scopeFor(current));
  }, document);
}

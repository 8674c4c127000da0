// How stages are run that bring their own documents.

import type { Document } from '../../../../values/bson/types.ts';
import { batchesOf } from '../batches.ts';
import type { Batches, PipelineEnvironment, SourceStage } from '../stage.ts';

export function newSourceStage(name: SourceStage['name'], read: (environment: PipelineEnvironment) => Promise<readonly Document[]>): SourceStage {
  async function* run(_input: Batches, environment: PipelineEnvironment): Batches {
    yield* batchesOf(await read(environment));
  }
  return { name, run };
}

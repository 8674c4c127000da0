// Parses an update as it stands in a command: a replacement, operators, or a pipeline.

import type { Document, Value } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { newParseContext } from '../expressions/context.ts';
import type { ParseContext } from '../expressions/expression.ts';
import { withVariables } from '../expressions/parse.ts';
import { assertUserVariableName } from '../expressions/paths.ts';
import { newStageContext, parsePipeline } from '../pipelines/parse-pipeline.ts';
import type { CollectionName, Stage, TransformStage } from '../pipelines/stage.ts';
import { parseArrayFilters } from './array-filters.ts';
import { parseOperatorUpdate } from './modifier-tree.ts';
import type { PipelineUpdate, Update } from './update.ts';

export type UpdateOptions = {
  readonly multi: boolean;
  /** The collection that is updated: a stage that asks for one is parsed before it is refused. */
  readonly target?: CollectionName;
  readonly arrayFilters?: readonly Document[] | undefined;
  /** The statement's own variables (`c`), for a pipeline only. */
  readonly constants?: Document | undefined;
  /** With the command's variables (`let`); a fresh one by default. */
  readonly context?: ParseContext | undefined;
};

const unnamed: CollectionName = { database: 'test', collection: 'test' };

/** Throws FailedToParse, BadValue, ConflictingUpdateOperators, 51198 and the errors of each operator or stage. */
export function parseUpdate(update: Value, { multi, target = unnamed, arrayFilters = [], constants, context = newParseContext() }: UpdateOptions): Update {
  const filters = parseArrayFilters(arrayFilters);
  if (Array.isArray(update)) {
    if (filters.size > 0) throw new DocumentError('FailedToParse', 'arrayFilters may not be specified for pipeline-style updates');
    return parsePipelineUpdate(update, { target, constants: constants ?? new Map(), context });
  }
  if (!(update instanceof Map)) throw new DocumentError('FailedToParse', 'Update argument must be either an object or an array');
  if (constants) throw new DocumentError(51_198, 'Constant values may only be specified for pipeline updates');
  if (isOperatorUpdate(update)) return parseOperatorUpdate(update, filters);
  // A replacement has no paths, so array filters beside it are parsed and then mean nothing, as in MongoDB.
  if (multi) throw new DocumentError('FailedToParse', 'multi update is not supported for replacement-style update');
  return { kind: 'replacement', document: update };
}

/** The first field decides. */
function isOperatorUpdate(update: Document): boolean {
  const [first] = update.keys();
  return first?.startsWith('$') ?? false;
}

type PipelineOptions = { readonly target: CollectionName; readonly constants: Document; readonly context: ParseContext };

function parsePipelineUpdate(stages: readonly Value[], { target, constants, context }: PipelineOptions): PipelineUpdate {
  const names = [...constants.keys()];
  names.forEach(assertUserVariableName);
  const { context: expressions, slots } = withVariables(context, names);
  const parsed = parsePipeline(stages, newStageContext({ ...target, place: 'update', expressions }));
  return {
    kind: 'pipeline',
    stages: parsed.map(asTransform),
    constants: [...constants.values()].map((value, index) => ({ slot: slots[index]!, value })),
  };
}

function asTransform(stage: Stage): TransformStage {
  if ('transform' in stage) return stage;
  throw new DocumentError('InvalidOptions', `${stage.name} is not allowed to be used within an update`);
}

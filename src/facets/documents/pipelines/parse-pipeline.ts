// Parses pipelines: each element by the row of its stage, then the rules of places and positions over the whole.

import type { Value } from '../../../values/bson/types.ts';
import { withOptimizingContext } from '../error-context.ts';
import { DocumentError } from '../errors.ts';
import { foldingAfterwards } from '../expressions/constant-folding.ts';
import { newParseContext } from '../expressions/context.ts';
import type { ParseContext } from '../expressions/expression.ts';
import { joinSortsAndLimits } from './join-stages.ts';
import type { Pipeline, PipelinePlace, Stage, StageContext, StageKind } from './stage.ts';
import { stagesByName } from './stages/registry.ts';
import { unsupportedStages } from './unsupported-stages.ts';

const maxStages = 1_000;
const maxNestedPipelines = 20;

export type PipelineParseOptions = {
  readonly database: string;
  /** Absent for `aggregate: 1`. */
  readonly collection?: string | undefined;
  readonly place?: PipelinePlace;
  readonly inTransaction?: boolean;
  /** With a command's variables; a fresh context by default. */
  readonly expressions?: ParseContext;
};

/** A context to parse a pipeline with. */
export function newStageContext({ expressions = newParseContext(), place = 'aggregate', ...options }: PipelineParseOptions): StageContext {
  return { ...options, expressions, place, depth: 0, isFirst: true, parsePipeline };
}

/**
 * Parses a pipeline as it stands in a command, an update or a view.
 * Throws DocumentError: TypeMismatch for an element that is no document, 40323, 40324, 40600, 40601, 40602, 51047,
 * 5054701, 7749501, InvalidOptions, InvalidNamespace, and those of the stages and their expressions.
 */
export function parsePipeline(stages: readonly Value[], context: StageContext): Pipeline {
  if (context.depth === 0) survey(stages, context);
  const parse = () => foldingAfterwards(context.expressions, () => parseStages(stages, context));
  return context.depth === 0 ? withOptimizingContext('Failed to optimize pipeline', parse) : parse();
}

function parseStages(stages: readonly Value[], context: StageContext): Pipeline {
  if (context.depth > maxNestedPipelines) {
    throw new DocumentError('MaxSubPipelineDepthExceeded', `Maximum number of nested sub-pipelines exceeded. Limit is ${maxNestedPipelines}`);
  }
  if (stages.length > maxStages) throw new DocumentError(7_749_501, `Pipeline length must be no longer than ${maxStages} stages.`);
  const parsed = stages.map((stage, index) => parseStage(stage, { ...context, isFirst: index === 0 }));
  const kinds = parsed.map(({ kind }) => kind);
  assertPlaces(kinds, context);
  if (context.place === 'aggregate' && context.depth === 0) assertNamespace(kinds[0], context);
  const pipeline = parsed.flatMap(({ stage }) => stage);
  if (context.place === 'update') assertTransformations(pipeline);
  // Some stages stand for several.
  if (pipeline.length > maxStages) throw new DocumentError(5_054_701, `Pipeline length must be no longer than ${maxStages} stages`);
  assertPositions(kinds);
  return joinSortsAndLimits(pipeline);
}

/** An unknown stage is told before what is wrong with the arguments of others, wherever it is nested. */
function survey(stages: readonly Value[], context: StageContext): void {
  for (const stage of stages) {
    const { kind, argument } = kindOf(stage);
    for (const nested of kind.survey?.(argument, context) ?? []) survey(nested, context);
  }
}

function kindOf(value: Value): { readonly kind: StageKind; readonly argument: Value } {
  if (!(value instanceof Map)) throw new DocumentError('TypeMismatch', "Each element of the 'pipeline' array must be an object");
  if (value.size !== 1) throw new DocumentError(40323, 'A pipeline stage specification object must contain exactly one field.');
  const [[name, argument]] = [...value] as [[string, Value]];
  const kind = stagesByName.get(name);
  if (!kind) throw unknownStage(name);
  return { kind, argument };
}

function unknownStage(name: string): DocumentError {
  const reason = unsupportedStages.get(name);
  if (reason !== undefined) return new DocumentError('CommandNotSupported', `${name} is not supported: ${reason}`);
  return new DocumentError(40324, `Unrecognized pipeline stage name: '${name}'`);
}

function parseStage(value: Value, context: StageContext): { kind: StageKind; stage: ReturnType<StageKind['parse']> } {
  const { kind, argument } = kindOf(value);
  assertAllowed(kind, context);
  const stage = kind.parse(argument, context);
  if (!Array.isArray(stage)) specified.set(stage as Stage, argument);
  return { kind, stage };
}

const specified = new WeakMap<Stage, Value>();

/** What a stage was given, for `explain`; undefined of those that stand for parts of others, or were made in the place of others. */
export function argumentOf(stage: Stage): Value | undefined {
  return specified.get(stage);
}

/** What is refused before a stage's argument is read. */
function assertAllowed(kind: StageKind, { inTransaction }: StageContext): void {
  if (inTransaction && kind.allowedInTransaction === false) {
    throw new DocumentError('OperationNotSupportedInTransaction', `Stage not supported inside of a multi-document transaction: ${kind.name}`);
  }
}

const refusals: Partial<Record<PipelinePlace, { readonly code: number | 'OptionNotSupportedOnView'; readonly text: (name: string) => string }>> = {
  facet: { code: 40600, text: (name) => `${name} is not allowed to be used within a $facet stage` },
  lookup: { code: 51047, text: (name) => `${name} is not allowed within a $lookup's sub-pipeline` },
  unionWith: { code: 31441, text: (name) => `${name} is not allowed within a $unionWith's sub-pipeline` },
  view: { code: 'OptionNotSupportedOnView', text: (name) => `The aggregation stage ${name} in location 0 of the pipeline cannot be used in the view definition` },
};

function assertPlaces(kinds: readonly StageKind[], { place }: StageContext): void {
  const refusal = refusals[place];
  if (!refusal) return;
  const wrong = kinds.find(({ places }) => !places.has(place));
  if (wrong) throw new DocumentError(refusal.code, refusal.text(wrong.name));
}

function assertTransformations(pipeline: Pipeline): void {
  const wrong = pipeline.find((stage) => !('transform' in stage));
  if (wrong) throw new DocumentError('InvalidOptions', `${wrong.name} is not allowed to be used within an update`);
}

function assertPositions(kinds: readonly StageKind[]): void {
  for (const [index, { name, position }] of kinds.entries()) {
    if (position === 'first' && index > 0) throw notFirst(name);
    if (position === 'last' && index < kinds.length - 1) throw new DocumentError(40601, `${name} can only be the final stage in the pipeline`);
  }
}

/** Of a stage that brings its own documents, where others stand before it: behind a view too. */
export function notFirst(name: string): DocumentError {
  return new DocumentError(40602, `${name} is only valid as the first stage in a pipeline`);
}

/** `aggregate: 1` and stages without a collection need each other. */
function assertNamespace(first: StageKind | undefined, { collection }: StageContext): void {
  if (collection === undefined) {
    if (!first) throw new DocumentError('InvalidNamespace', '{aggregate: 1} is not valid for an empty pipeline.');
    if (!first.collectionless) throw new DocumentError('InvalidNamespace', `{aggregate: 1} is not valid for '${first.name}'; a collection is required.`);
  } else if (first?.collectionless === 'only') {
    throw new DocumentError('InvalidNamespace', `'${first.name}' can only be run with {aggregate: 1}`);
  }
}

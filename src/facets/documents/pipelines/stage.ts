// What a stage of a pipeline is once it is parsed: what the planner may read of it, and a transformation of batches of
// documents. Stages know neither each other nor the store: nested pipelines are parsed through the context they are
// given, collections are read and written through the environment.

import type { DateTime, Document, Maybe, ObjectId, Value } from '../../../values/bson/types.ts';
import type { Expression, ParseContext, Scope } from '../expressions/expression.ts';
import type { Filter } from '../filters/filter.ts';
import type { SortPattern } from '../sorts/parse-sort.ts';
import type { Accumulation } from './accumulators/accumulator.ts';
import type { DocumentMetadata } from './document-metadata.ts';

/** Documents as they flow. No batch is empty by contract, but consumers bear one that is. */
export type Batches = AsyncIterable<readonly Document[]>;

/** A pipeline that is parsed; it can be run any number of times. */
export type Pipeline = readonly Stage[];

export type CollectionName = { readonly database: string; readonly collection: string };

/** What a pipeline runs in. */
export type PipelineEnvironment = {
  /** A scope over `root` with the command's variables in their slots. Each call gives slots of its own. */
  readonly scopeFor: (root: Maybe) => Scope;
  readonly now: DateTime;
  /** Bytes that one blocking stage may hold before it is refused with QueryExceededMemoryLimitNoDiskUseAllowed; 100 MiB by default. */
  readonly memoryLimitBytes?: number;
  /** Where a stage puts what it cannot hold; absent where the command does not allow it. */
  readonly newSpill?: () => Spill;
  readonly signal?: AbortSignal;
  /** Only where the pipeline reads it. */
  readonly metadata?: DocumentMetadata | undefined;
  /**
   * The documents that `pipeline` gives over a collection (none, if there is no such collection). Views are resolved
   * here, and the first stages may run in the store. `environment` is that of the nested pipeline.
   */
  readonly readCollection: (source: CollectionName, pipeline: Pipeline, environment: PipelineEnvironment) => Batches;
  readonly writer: CollectionWriter;
  readonly statistics: PipelineStatistics;
};

/** Documents on disk, in numbered parts. */
export type Spill = {
  /** Behind what the part has. */
  readonly write: (part: number, documents: readonly Document[]) => Promise<void>;
  /** From its beginning. */
  readonly read: (part: number) => Batches;
  /** Deletes everything. */
  readonly close: () => Promise<void>;
};

/** How `$out` and `$merge` write. */
export type CollectionWriter = {
  /** Replaces everything in the target by `documents`, all or nothing; keeps its indexes; makes it if it is missing. */
  readonly replaceAll: (target: CollectionName, documents: Batches, options: Document | undefined) => Promise<void>;
  /**
   * Refuses a `$merge` before anything is read: 51183 where no unique index of exactly `on` (none: `_id`) exists,
   * InvalidNamespace, CommandNotSupportedOnView and the like.
   */
  readonly prepareMerge: (target: CollectionName, on: readonly string[]) => Promise<void>;
  readonly newObjectId: () => ObjectId;
  /** Merges documents, in order. Each has every field of `merge.on`. Throws DuplicateKey, MergeStageNoMatchingDocument (13113). */
  readonly merge: (target: CollectionName, documents: readonly MergeItem[], merge: MergeRules) => Promise<void>;
};

export type MergeItem = {
  readonly document: Document;
  /** The values of `on`, in its order: what identifies the document that is matched. */
  readonly key: readonly Value[];
  /** Gives the new document from the one that matched; only with `whenMatched: 'pipeline'`. */
  readonly apply?: (matched: Document) => Document;
};

export type MergeRules = {
  readonly on: readonly string[];
  readonly whenMatched: 'replace' | 'keepExisting' | 'merge' | 'fail' | 'pipeline';
  readonly whenNotMatched: 'insert' | 'discard' | 'fail';
};

/** What `$collStats` is asked for. */
export type CollectionStatisticsOptions = {
  readonly count: boolean;
  /** Sizes are told in units of so many bytes. */
  readonly storage: { readonly scale: bigint } | undefined;
  readonly latency: { readonly histograms: boolean } | undefined;
  readonly queryExecution: boolean;
};

/** What the server lists of itself. Documents are in MongoDB's shape. */
export type ServerListings = {
  /** The server itself: `host:port`. */
  readonly host: string;
  /** With the options of `$currentOp`. */
  readonly operations: (options: Document) => readonly Document[];
  /** With the options of `$listSessions`. */
  readonly sessions: (options: Document) => readonly Document[];
  /** `latencyStats` of `$collStats`. */
  readonly latencies: (source: CollectionName, options: { readonly histograms: boolean }) => Document;
};

/** What the server tells of itself. Documents are in MongoDB's shape. */
export type PipelineStatistics = ServerListings & {
  readonly collection: (source: CollectionName, options: CollectionStatisticsOptions) => Promise<readonly Document[]>;
  readonly indexes: (source: CollectionName) => Promise<readonly Document[]>;
  readonly plans: (source: CollectionName) => Promise<readonly Document[]>;
};

/** Where a pipeline stands: it decides which stages are allowed. */
export type PipelinePlace = 'aggregate' | 'facet' | 'lookup' | 'unionWith' | 'update' | 'view';

/** What parsing a stage needs to know. */
export type StageContext = {
  /** Variables and their slots. */
  readonly expressions: ParseContext;
  readonly place: PipelinePlace;
  /** Of the command. */
  readonly database: string;
  /** Absent for `aggregate: 1`. */
  readonly collection?: string | undefined;
  /** Nested pipelines so far. */
  readonly depth: number;
  /** Of the stages of its pipeline. */
  readonly isFirst: boolean;
  readonly inTransaction?: boolean;
  /** Parses a nested pipeline: handed over here, as stages do not import the parser that imports them. */
  readonly parsePipeline: (stages: readonly Value[], context: StageContext) => Pipeline;
};

export type RunStage = (input: Batches, environment: PipelineEnvironment) => Batches;

/** The path before a stage; undefined where what stands there is not what stood anywhere before. */
export type Origin = (path: readonly string[]) => readonly string[] | undefined;

/** One document in, one out. Such stages can run anywhere, so also in an update. */
export type TransformStage = {
  readonly name: '$addFields' | '$project' | '$replaceRoot' | '$unset';
  /** A new document; the one given is left as it is. Of `scope`, `root` is the document. */
  readonly transform: (document: Document, scope: Scope) => Document;
  readonly run: RunStage;
  /** Which fields it leaves as they are, for the planner. */
  readonly origin?: Origin;
  /** Of `$replaceRoot`: the field that it makes the document. */
  readonly root?: readonly string[];
};

export type MatchStage = { readonly name: '$match'; readonly filter: Filter; readonly run: RunStage };
export type SortStage = { readonly name: '$sort'; readonly pattern: SortPattern; readonly run: RunStage };
export type LimitStage = { readonly name: '$limit'; readonly limit: number; readonly run: RunStage };
export type SkipStage = { readonly name: '$skip'; readonly skip: number; readonly run: RunStage };
export type SampleStage = { readonly name: '$sample'; readonly size: number; readonly run: RunStage };
export type CountStage = { readonly name: '$count'; readonly field: string; readonly run: RunStage };
export type UnwindStage = {
  readonly name: '$unwind';
  readonly path: readonly string[];
  readonly indexPath: readonly string[] | undefined;
  readonly preserveEmpty: boolean;
  readonly run: RunStage;
};
export type GroupStage = { readonly name: '$group'; readonly id: Expression; readonly accumulations: readonly Accumulation[]; readonly run: RunStage };
export type LookupStage = {
  readonly name: '$lookup';
  /** Absent where the nested pipeline starts with `$documents`. */
  readonly from: CollectionName | undefined;
  readonly as: readonly string[];
  readonly fields: { readonly local: readonly string[]; readonly foreign: readonly string[] } | undefined;
  readonly variables: readonly { readonly slot: number; readonly expression: Expression }[];
  readonly pipeline: Pipeline;
  /** So many of the pipeline's first stages read none of the variables. */
  readonly apartStages: number;
  /** The first stage that reads one asks that the field at `path` is equal to `value`, which variables tell. */
  readonly equality?: { readonly path: readonly string[]; readonly value: Expression };
  readonly run: RunStage;
};
export type UnionWithStage = { readonly name: '$unionWith'; readonly from: CollectionName | undefined; readonly pipeline: Pipeline; readonly run: RunStage };
export type FacetStage = { readonly name: '$facet'; readonly facets: ReadonlyMap<string, Pipeline>; readonly run: RunStage };
export type GraphLookupStage = { readonly name: '$graphLookup'; readonly from: CollectionName; readonly as: readonly string[]; readonly run: RunStage };
export type OutStage = { readonly name: '$out'; readonly target: CollectionName; readonly run: RunStage };
export type MergeStage = { readonly name: '$merge'; readonly target: CollectionName; readonly rules: MergeRules; readonly run: RunStage };
/** Gives documents of its own, whatever stands before it. */
export type SourceStage = {
  readonly name: '$documents' | '$collStats' | '$indexStats' | '$planCacheStats' | '$currentOp' | '$listSessions' | '$listLocalSessions';
  readonly run: RunStage;
};
export type OpaqueStage = { readonly name: '$bucketAuto' | '$densify' | '$redact' | '$setWindowFields'; readonly run: RunStage };

/** `$sortByCount`, `$bucket` and `$fill` are stages of these; `$set` and `$replaceWith` are their synonyms. */
export type Stage =
  | TransformStage
  | MatchStage
  | SortStage
  | LimitStage
  | SkipStage
  | SampleStage
  | CountStage
  | UnwindStage
  | GroupStage
  | LookupStage
  | UnionWithStage
  | FacetStage
  | GraphLookupStage
  | OutStage
  | MergeStage
  | SourceStage
  | OpaqueStage;

/** A row of the table of stages. */
export type StageKind = {
  readonly name: `$${string}`;
  /**
   * What is checked of every stage of a pipeline before the first one is parsed. Gives the pipelines that are nested in
   * the argument, of which the same holds. Throws DocumentError.
   */
  readonly survey?: (argument: Value, context: StageContext) => readonly (readonly Value[])[];
  /** The stage, or those that it stands for. Throws DocumentError. */
  readonly parse: (argument: Value, context: StageContext) => Stage | readonly Stage[];
  readonly position?: 'first' | 'last';
  /** Places other than an aggregation's own pipeline where it may stand; in an update, every stage that transforms may. */
  readonly places: ReadonlySet<PipelinePlace>;
  /** Needs no collection: may (and, if `only`, must) stand first in `aggregate: 1`. */
  readonly collectionless?: 'may' | 'only';
  readonly allowedInTransaction?: false;
  readonly examples: readonly StageExample[];
};

/** Documentation that is tested. All in Extended JSON. */
export type StageExample = {
  /** The stage's argument. */
  readonly stage: string;
  /** The documents that come in, as an array; none by default. */
  readonly input?: string;
  /** Collections that it reads, by name. */
  readonly collections?: Readonly<Record<string, string>>;
} & ({ readonly result: string } | { readonly error: number });

/** A stage that reads and gives documents, and that may stand in every nested pipeline. */
export const everywhere: ReadonlySet<PipelinePlace> = new Set<PipelinePlace>(['facet', 'lookup', 'unionWith', 'view']);
export const notInFacets: ReadonlySet<PipelinePlace> = new Set<PipelinePlace>(['lookup', 'unionWith', 'view']);
export const nowhereNested: ReadonlySet<PipelinePlace> = new Set<PipelinePlace>();

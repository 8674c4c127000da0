// How $lookup joins: the foreign documents of a whole batch are read at once, never those of one document by themselves. What
// of the nested pipeline differs from one document to the next is then run here.

import { hashKeyOf } from '../../../../values/bson/compare.ts';
import { BsonUndefined, type Document, type Maybe, type Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { assertRunning, batchesOf, mapBatches } from '../batches.ts';
import { originThrough } from '../field-origins.ts';
import { approximateSizeOfDocument, defaultMemoryLimitBytes, newAccount } from '../memory.ts';
import { withNestedValue } from '../nested-fields.ts';
import { runNested, withValues } from '../nested-pipelines.ts';
import { runPipeline } from '../run-pipeline.ts';
import type { Batches, CollectionName, LookupStage, Pipeline, PipelineEnvironment } from '../stage.ts';
import { Tee } from '../tee.ts';
import { JoinTable, keysFilter, localKeys } from './join-keys.ts';
import { newMatchStage } from './match.ts';

export type Lookup = Omit<LookupStage, 'name' | 'run'>;

/** Each document with those that are joined to it. */
export function joinDocuments(documents: Batches, lookup: Lookup, environment: PipelineEnvironment): Batches {
  const { from, fields, apartStages, pipeline } = lookup;
  const input = mustEvaluateUnread(lookup) ? withVariablesEvaluated(documents, lookup, environment) : documents;
  if (from === undefined) return joinOwn(input, lookup, environment);
  if (fields !== undefined) return joinByKeys(input, lookup, { from, path: fields.foreign, keysOf: (document) => localKeys(document, fields.local) }, environment);
  if (apartStages === pipeline.length) return joinToAll(input, lookup, from, environment);
  return joinByEquality(input, lookup, environment);
}

/** Whether there are variables that no stage reads, but whose evaluation may fail. */
export function mustEvaluateUnread({ variables, apartStages, pipeline }: Lookup): boolean {
  return apartStages === pipeline.length && variables.some(({ expression }) => expression.constant === undefined && expression.path === undefined);
}

function withVariablesEvaluated(input: Batches, lookup: Lookup, environment: PipelineEnvironment): Batches {
  return mapBatches(input, environment, (batch) => {
    for (const document of batch) nestedIn(environment, lookup, document);
    return batch;
  });
}

/** The environment in which the nested pipeline sees the variables of a document. */
function nestedIn(environment: PipelineEnvironment, { variables }: Lookup, document: Document): PipelineEnvironment {
  if (variables.length === 0) return environment;
  const scope = environment.scopeFor(document);
  return withValues(environment, variables.map(({ slot, expression }) => ({ slot, value: expression.evaluate(scope) })));
}

function joined(document: Document, { as }: Lookup, foreign: readonly Document[]): Document {
  return withNestedValue(document, as, [...foreign]);
}

/** The pipeline brings its own documents, and nothing has to be read. */
async function* joinOwn(input: Batches, lookup: Lookup, environment: PipelineEnvironment): Batches {
  const { fields, pipeline } = lookup;
  for await (const batch of input) {
    const output: Document[] = [];
    for (const document of batch) {
      assertRunning(environment);
      const match = fields === undefined ? [] : [newMatchStage(keysFilter(fields.foreign, localKeys(document, fields.local)))];
      output.push(joined(document, lookup, await gatherJoined(runNested(undefined, [...pipeline.slice(0, 1), ...match, ...pipeline.slice(1)], nestedIn(environment, lookup, document)), lookup, environment)));
    }
    yield output;
  }
}

/** A pipeline that sees nothing of the local documents is run once. */
async function* joinToAll(input: Batches, lookup: Lookup, from: CollectionName, environment: PipelineEnvironment): Batches {
  let foreign: readonly Document[] | undefined;
  for await (const batch of input) {
    if (batch.length === 0) continue;
    foreign ??= await gatherJoined(environment.readCollection(from, lookup.pipeline, environment), lookup, environment);
    yield batch.map((document) => joined(document, lookup, foreign!));
  }
}

/** What one document is joined to. Throws DocumentError: 4568 for too much of it. */
async function gatherJoined(documents: Batches, { from }: Lookup, { memoryLimitBytes = defaultMemoryLimitBytes }: PipelineEnvironment): Promise<Document[]> {
  const memory = newAccount(
    memoryLimitBytes,
    () => new DocumentError(4568, `Total size of documents in ${from?.collection ?? '$cmd.aggregate'} matching pipeline's $lookup stage exceeds ${memoryLimitBytes} bytes`),
  );
  const gathered: Document[] = [];
  for await (const batch of documents) {
    for (const document of batch) {
      memory.add(approximateSizeOfDocument(document));
      gathered.push(document);
    }
  }
  return gathered;
}

type Keys = { readonly from: CollectionName; readonly path: readonly string[]; readonly keysOf: (document: Document) => readonly Value[] };

async function* joinByKeys(input: Batches, lookup: Lookup, keys: Keys, environment: PipelineEnvironment): Batches {
  const together = stagesBeforeJoin(lookup, keys.path);
  for await (const batch of input) {
    assertRunning(environment);
    if (batch.length > 0) yield* joinBatch(batch, { lookup, keys, together }, environment);
  }
}

/** `together`: so many stages of the nested pipeline run before the join. */
type KeyedJoin = { readonly lookup: Lookup; readonly keys: Keys; readonly together: number };

/** Where memory does not hold what all the documents are joined to, half of them at a time, and at last one by one. */
async function* joinBatch(batch: readonly Document[], join: KeyedJoin, environment: PipelineEnvironment): Batches {
  const { lookup, keys, together } = join;
  const keysOfBatch = batch.map((document) => keys.keysOf(document));
  const distinct = new Map(keysOfBatch.flat().map((key) => [hashKeyOf(key), key]));
  const table = await readJoined(keys, [...distinct.values()], lookup.pipeline.slice(0, together), environment);
  if (table === 'too many') {
    const half = batch.length >> 1;
    if (half > 0 && distinct.size > 1) {
      yield* joinBatch(batch.slice(0, half), join, environment);
      yield* joinBatch(batch.slice(half), join, environment);
    } else {
      yield await joinEach(batch, lookup, environment, (nested, index) => environment.readCollection(keys.from, [newMatchStage(keysFilter(keys.path, keysOfBatch[index]!)), ...lookup.pipeline], nested));
    }
    return;
  }
  const rest = lookup.pipeline.slice(together);
  if (rest.length === 0) yield batch.map((document, index) => joined(document, lookup, table.find(keysOfBatch[index]!)));
  else yield await joinEach(batch, lookup, environment, (nested, index) => runPipeline(rest, batchesOf(table.find(keysOfBatch[index]!)), nested));
}

/** One document after the other, with what its own pipeline gives. */
export async function joinEach(batch: readonly Document[], lookup: Lookup, environment: PipelineEnvironment, foreignOf: (nested: PipelineEnvironment, index: number) => Batches): Promise<Document[]> {
  const output: Document[] = [];
  for (const [index, document] of batch.entries()) {
    assertRunning(environment);
    output.push(joined(document, lookup, await gatherJoined(foreignOf(nestedIn(environment, lookup, document), index), lookup, environment)));
  }
  return output;
}

/** How many stages may be run on the foreign documents of a whole batch: each looks at one document, and leaves the field of the join. */
function stagesBeforeJoin({ pipeline, apartStages }: Lookup, foreign: readonly string[]): number {
  const stays = pipeline.slice(0, apartStages).findIndex((stage) => {
    const isOfOne = 'transform' in stage || stage.name === '$match' || stage.name === '$lookup' || stage.name === '$graphLookup';
    return !isOfOne || originThrough(stage)?.(foreign)?.join('.') !== foreign.join('.');
  });
  return stays < 0 ? apartStages : stays;
}

async function readJoined({ from, path }: Pick<Keys, 'from' | 'path'>, keys: readonly Value[], pipeline: Pipeline, environment: PipelineEnvironment): Promise<JoinTable | 'too many'> {
  const { memoryLimitBytes = defaultMemoryLimitBytes } = environment;
  const table = new JoinTable(path);
  let bytes = 0;
  for await (const batch of environment.readCollection(from, [newMatchStage(keysFilter(path, keys)), ...pipeline], environment)) {
    for (const document of batch) {
      bytes += approximateSizeOfDocument(document);
      if (bytes > memoryLimitBytes) return 'too many';
      table.add(document);
    }
  }
  return table;
}

/** By a pipeline that variables tell one document's from another's: by what must be equal to them, as far as a query can find that. */
async function* joinByEquality(input: Batches, lookup: Lookup, environment: PipelineEnvironment): Batches {
  const { equality, apartStages } = lookup;
  const isFirst = equality !== undefined && stagesBeforeJoin(lookup, equality.path) === apartStages;
  const foreign = newForeign(lookup, environment);
  for await (const batch of input) {
    if (batch.length === 0) continue;
    const values = !isFirst ? undefined : batch.map((document) => equality.value.evaluate(nestedIn(environment, lookup, document).scopeFor(new Map())));
    if (values?.every(isFindable) === true) {
      const known = new Map(batch.map((document, index): [Document, Value[]] => [document, [values[index] ?? null]]));
      yield* joinByKeys(batchesOf(batch), lookup, { from: lookup.from!, path: equality!.path, keysOf: (document) => known.get(document)! }, environment);
    } else {
      yield await joinAnyhow(batch, lookup, foreign, environment);
    }
  }
}

/** Whether a query finds, among others, all documents of which an expression says that a field is equal to the value. */
function isFindable(value: Maybe): boolean {
  return !Array.isArray(value) && !(value instanceof BsonUndefined);
}

/** What the pipeline begins with, and is the same for all documents: read once, if memory can hold it. */
type Foreign = { readonly read: () => Batches; held: readonly Document[] | 'too many' | undefined };

function newForeign({ from, pipeline, apartStages }: Lookup, environment: PipelineEnvironment): Foreign {
  return { read: () => environment.readCollection(from!, pipeline.slice(0, apartStages), environment), held: undefined };
}

async function joinAnyhow(batch: readonly Document[], lookup: Lookup, foreign: Foreign, environment: PipelineEnvironment): Promise<Document[]> {
  const rest = lookup.pipeline.slice(lookup.apartStages);
  const held = (foreign.held ??= await gatherWithin(foreign.read(), environment));
  if (held !== 'too many') return await joinEach(batch, lookup, environment, (nested) => runPipeline(rest, batchesOf(held), nested));
  // All documents of the batch see one reading go by.
  const tee = new Tee(foreign.read(), batch.length);
  try {
    const found = await Promise.all(batch.map((document) => gatherJoined(runPipeline(rest, tee.read(), nestedIn(environment, lookup, document)), lookup, environment)));
    return batch.map((document, index) => joined(document, lookup, found[index]!));
  } finally {
    await tee.end();
  }
}

async function gatherWithin(documents: Batches, { memoryLimitBytes = defaultMemoryLimitBytes }: PipelineEnvironment): Promise<readonly Document[] | 'too many'> {
  const gathered: Document[] = [];
  let bytes = 0;
  for await (const batch of documents) {
    for (const document of batch) {
      bytes += approximateSizeOfDocument(document);
      if (bytes > memoryLimitBytes) return 'too many';
      gathered.push(document);
    }
  }
  return gathered;
}

// $densify: documents for the steps of a range that have none. Source for errors and their order: MongoDB 7.0.

import { assert } from '../../../../kernel/assert.ts';
import { compareValues, hashKeyOf } from '../../../../values/bson/compare.ts';
import { DateTime, isNumeric, typeNameOf, type Document, type Numeric, type Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { coerceToLong, isInt64Integral, isNullish, toDouble } from '../../expressions/coercions.ts';
import { type TimeUnit, addToDate, isTimeUnit } from '../../expressions/dates/date-arithmetic.ts';
import { utc } from '../../expressions/dates/time-zones.ts';
import { add } from '../../expressions/operators/arithmetic.ts';
import { splitFieldPath, valueAtPath } from '../../expressions/paths.ts';
import { valueOfFields } from '../../filters/paths.ts';
import type { SortPattern } from '../../sorts/parse-sort.ts';
import { assertRunning, batchesOf } from '../batches.ts';
import { sortExternally } from '../external-sort.ts';
import { approximateSizeOfDocument, defaultMemoryLimitBytes, type MemoryAccount, newAccount } from '../memory.ts';
import { withNestedValue } from '../nested-fields.ts';
import { everywhere } from '../stage.ts';
import type { Batches, OpaqueStage, PipelineEnvironment, StageKind } from '../stage.ts';
import { assertStrings, readArguments } from '../stage-arguments.ts';
import { sortOrder } from './sort.ts';

type Position = Numeric | DateTime;
type Range = {
  readonly step: Numeric;
  readonly unit: TimeUnit | undefined;
  readonly bounds: 'full' | 'partition' | readonly [Position, Position];
};
type Densify = { readonly field: readonly string[]; readonly partitions: readonly (readonly string[])[]; readonly range: Range };

/** `internalQueryMaxAllowedDensifyDocs`. */
const mostDocuments = 500_000;

function parseDensify(argument: Value): OpaqueStage {
  if (!(argument instanceof Map)) throw new DocumentError('FailedToParse', `The $densify stage specification must be an object, found ${typeNameOf(argument)}`);
  const given = readArguments('$densify', argument, { field: { types: ['string'], required: true }, partitionByFields: { types: ['array'] }, range: { types: ['object'], required: true } });
  const range = parseRange(given.get('range') as Document);
  const names = given.get('partitionByFields');
  const fields = Array.isArray(names) ? names : [];
  assertStrings('$densify.partitionByFields', fields);
  const partitions = fields.map(splitFieldPath);
  const name = given.get('field') as string;
  const field = splitFieldPath(name);
  if (range.bounds === 'partition' && partitions.length === 0) {
    throw new DocumentError(5_733_408, "One cannot specify the bounds as 'partition' without specifying a non-empty array of partitionByFields. You may have meant to specify 'full' bounds.");
  }
  for (const other of fields) {
    if (other === name || other.startsWith(`${name}.`) || name.startsWith(`${other}.`)) throw new DocumentError(8_993_000, "BSON field '$densify.partitionByFields' cannot include the field that is densified, nor a part of it");
  }
  return { name: '$densify', run: (input, environment) => runDensify(input, { field, partitions, range }, environment) };
}

function parseRange(specification: Document): Range {
  const given = readArguments('$densify.range', specification, { step: { required: true }, unit: { types: ['string'] }, bounds: { required: true } });
  const step = given.get('step')!;
  if (!isNumeric(step) || !(toDouble(step) > 0)) throw new DocumentError(5_733_401, 'The step parameter in a range statement must be a strictly positive numeric value');
  const unit = given.get('unit');
  if (typeof unit === 'string' && !isInt64Integral(step)) throw new DocumentError(6_586_400, 'The step parameter in a range statement must be a whole number when densifying a date range');
  if (typeof unit === 'string' && !isTimeUnit(unit)) throw new DocumentError('FailedToParse', `unknown time unit value: ${unit}`);
  const timeUnit = typeof unit === 'string' && isTimeUnit(unit) ? unit : undefined;
  return { step, unit: timeUnit, bounds: parseBounds(given.get('bounds')!, step, timeUnit) };
}

function parseBounds(bounds: Value, step: Numeric, unit: TimeUnit | undefined): Range['bounds'] {
  if (typeof bounds === 'string') {
    if (bounds === 'full' || bounds === 'partition') return bounds;
    throw new DocumentError(5_946_802, "Bounds string must either be 'full' or 'partition'");
  }
  if (!Array.isArray(bounds)) throw new DocumentError(5_733_404, "The bounds in a range statement must be the string 'full', 'partition', or an ascending array of two numbers or two dates");
  const [lower, upper] = bounds;
  if (bounds.length !== 2 || lower === undefined || upper === undefined) throw new DocumentError(5_733_403, 'A bounding array in a range statement must have exactly two elements');
  if (compareValues(lower, upper) > 0) throw new DocumentError(5_733_402, 'A bounding array must be an ascending array of either two dates or two numbers');
  if (isNumeric(lower)) {
    if (unit !== undefined) throw new DocumentError(5_733_409, 'Numeric bounds may not have unit parameter');
    if (!isNumeric(upper)) throw new DocumentError(5_733_406, 'A bounding array must contain either both dates or both numeric types');
    if (typeNameOf(lower) !== typeNameOf(upper) || typeNameOf(lower) !== typeNameOf(step)) throw new DocumentError(5_876_900, 'Upper bound, lower bound, and step must all have the same type');
    return [lower, upper];
  }
  if (!(lower instanceof DateTime)) throw new DocumentError(5_946_800, 'Explicit bounds must be numeric or dates');
  if (!(upper instanceof DateTime)) throw new DocumentError(5_733_405, 'A bounding array must contain either both dates or both numeric types');
  if (unit === undefined) throw new DocumentError(5_733_410, 'A bounding array of dates must specify a unit');
  return [lower, upper];
}

async function* runDensify(input: Batches, densify: Densify, environment: PipelineEnvironment): Batches {
  const densification = new Densification(densify, environment);
  for await (const batch of sortExternally(input, sortOrder(sortOf(densify)), environment)) {
    assertRunning(environment);
    yield* batchesOf(densification.around(batch));
  }
  yield* batchesOf(densification.afterAll());
}

/** Over the full range documents come in the order of the field alone, whatever their partitions. */
function sortOf({ field, partitions, range }: Densify): SortPattern {
  const paths = range.bounds === 'full' ? [field] : [...partitions, field];
  return paths.map((path) => ({ path, descending: false }));
}

/** The steps of one partition. */
type Progress = {
  /** What the documents that are made have. */
  readonly base: Document;
  /** The last step that there is a document for; undefined before the first. */
  step: Position | undefined;
};

const bytesOfStep = 16;

/** Goes through documents in their order and makes those that are missing. */
class Densification {
  private readonly densify: Densify;
  private readonly progress = new Map<string, Progress>();
  private least: Position | undefined;
  private greatest: Position | undefined;
  private made = 0;
  private readonly memory: MemoryAccount;

  constructor(densify: Densify, { memoryLimitBytes = defaultMemoryLimitBytes }: PipelineEnvironment) {
    this.densify = densify;
    this.memory = newAccount(memoryLimitBytes, () => new DocumentError(6_007_200, `$densify exceeded memory limit of ${memoryLimitBytes}`));
  }

  /** Documents that follow in the order, and those that are missing before them. */
  *around(documents: readonly Document[]): Iterable<Document> {
    for (const document of documents) {
      const position = positionOf(document, this.densify);
      if (position !== undefined) yield* this.before(document, position);
      yield document;
    }
  }

  /** The missing documents before one. */
  private *before(document: Document, position: Position): Iterable<Document> {
    const { bounds } = this.densify.range;
    this.least ??= position;
    this.greatest = position;
    const progress = this.progressOf(document);
    if (isExplicit(bounds)) {
      if (compareValues(position, bounds[0]) < 0) return;
      yield* this.fill(progress, this.nextOf(progress) ?? bounds[0], compareValues(position, bounds[1]) < 0 ? position : bounds[1]);
    } else {
      yield* this.fill(progress, this.nextOf(progress) ?? (bounds === 'full' ? this.least : position), position);
    }
    // A document on a step is that step.
    const next = this.nextOf(progress);
    const isFirst = next === undefined && (!isExplicit(bounds) || compareValues(position, bounds[0]) === 0);
    if (isFirst || (next !== undefined && compareValues(position, next) === 0)) progress.step = position;
  }

  /** What is missing behind the last documents. Without any, the steps of explicit bounds are there all the same. */
  *afterAll(): Iterable<Document> {
    const { bounds } = this.densify.range;
    if (isExplicit(bounds)) {
      const partitions = this.progress.size === 0 ? [{ base: new Map(), step: undefined }] : this.progress.values();
      for (const progress of partitions) yield* this.fill(progress, this.nextOf(progress) ?? bounds[0], bounds[1]);
    } else if (bounds === 'full' && this.greatest !== undefined && this.densify.partitions.length > 0) {
      for (const progress of this.progress.values()) yield* this.fill(progress, this.nextOf(progress)!, this.greatest, 'inclusive');
    }
  }

  private progressOf(document: Document): Progress {
    const { partitions } = this.densify;
    const key = hashKeyOf(partitions.map((path) => valueAtPath(document, path) ?? null));
    let progress = this.progress.get(key);
    if (progress === undefined) {
      progress = { base: baseOf(document, partitions), step: undefined };
      this.memory.add(approximateSizeOfDocument(progress.base) + bytesOfStep);
      this.progress.set(key, progress);
    }
    return progress;
  }

  private nextOf({ step }: Progress): Position | undefined {
    return step === undefined ? undefined : next(step, this.densify.range);
  }

  /** The steps from `from` on, up to `to`. Throws DocumentError: 5897900 for too many. */
  private *fill(progress: Progress, from: Position, to: Position, end?: 'inclusive'): Iterable<Document> {
    const limit = end === 'inclusive' ? 1 : 0;
    for (let position = from; compareValues(position, to) < limit; position = next(position, this.densify.range)) {
      this.made += 1;
      if (this.made > mostDocuments) {
        throw new DocumentError(5_897_900, `Generated ${this.made} documents in $densify, which is over the limit of ${mostDocuments}. Increase the 'internalQueryMaxAllowedDensifyDocs' parameter to allow more generated documents`);
      }
      progress.step = position;
      yield withPosition(progress.base, this.densify.field, position);
    }
  }
}

function isExplicit(bounds: Range['bounds']): bounds is readonly [Position, Position] {
  return Array.isArray(bounds);
}

/** Undefined for null, for what is missing, and behind arrays. Throws DocumentError: 5733201, 6053600. */
function positionOf(document: Document, { field, range }: Densify): Position | undefined {
  const value = valueOfFields(document, field);
  if (isNullish(value)) return undefined;
  if (value instanceof DateTime) {
    if (range.unit === undefined) throw new DocumentError(6_053_600, 'Encountered date densify value in collection when step does not have a date unit.');
    return value;
  }
  if (!isNumeric(value)) throw new DocumentError(5_733_201, 'Densify field type must be numeric or a date');
  if (range.unit !== undefined) throw new DocumentError(6_053_600, 'Encountered numeric densify value in collection when step has a date unit.');
  return value;
}

function next(position: Position, { step, unit }: Range): Position {
  if (position instanceof DateTime) return new DateTime(addToDate(position.ms, unit ?? 'millisecond', coerceToLong(step), utc));
  const sum = add(position, step);
  assert(isNumeric(sum), 'the sum of numbers is a number');
  return sum;
}

/** The partition's fields of a document. */
function baseOf(document: Document, partitions: Densify['partitions']): Document {
  let base: Document = new Map();
  for (const path of partitions) {
    const value = valueAtPath(document, path);
    if (value !== undefined) base = withNestedValue(base, path, value);
  }
  return base;
}

/** Throws DocumentError: 5733307, 5733308 where a partition's field is in the way. */
function withPosition(document: Document, [name = '', ...rest]: readonly string[], value: Value): Document {
  const inner = document.get(name);
  if (Array.isArray(inner)) throw new DocumentError(5_733_307, '$densify cannot generate fields nested inside arrays');
  if (rest.length === 0) return new Map(document).set(name, value);
  if (inner !== undefined && !(inner instanceof Map)) throw new DocumentError(5_733_308, '$densify cannot overwrite non-object values with objects');
  return new Map(document).set(name, withPosition(inner ?? new Map(), rest, value));
}

export const densifyStage: StageKind = {
  name: '$densify',
  parse: parseDensify,
  places: everywhere,
  examples: [
    { stage: '{"field": "a", "range": {"step": 1, "bounds": "full"}}', input: '[{"a": 1}, {"a": 4, "b": 1}]', result: '[{"a": 1}, {"a": 2}, {"a": 3}, {"a": 4, "b": 1}]' },
    { stage: '{"field": "a", "range": {"step": 2, "bounds": [0, 4]}}', input: '[{"a": 1}, {"a": 9}]', result: '[{"a": 0}, {"a": 1}, {"a": 2}, {"a": 9}]' },
    { stage: '{"field": "a", "range": {"step": 2, "bounds": [0, 4]}}', input: '[]', result: '[{"a": 0}, {"a": 2}]' },
    {
      stage: '{"field": "a", "partitionByFields": ["k"], "range": {"step": 1, "bounds": "partition"}}', input: '[{"k": 1, "a": 1}, {"k": 1, "a": 3}, {"k": 2, "a": 7}]',
      result: '[{"k": 1, "a": 1}, {"k": 1, "a": 2}, {"k": 1, "a": 3}, {"k": 2, "a": 7}]',
    },
    {
      stage: '{"field": "a", "partitionByFields": ["k"], "range": {"step": 1, "bounds": "full"}}', input: '[{"k": 1, "a": 1}, {"k": 2, "a": 2}, {"k": 1, "a": 3}, {"b": 1}]',
      result: '[{"b": 1}, {"k": 1, "a": 1}, {"k": 2, "a": 1}, {"k": 2, "a": 2}, {"k": 1, "a": 2}, {"k": 1, "a": 3}, {"k": 2, "a": 3}]',
    },
    {
      stage: '{"field": "a", "partitionByFields": ["k"], "range": {"step": 2, "bounds": [0, 4]}}', input: '[{"k": 1, "a": 1}, {"k": 2, "a": 5}]',
      result: '[{"k": 1, "a": 0}, {"k": 1, "a": 1}, {"k": 2, "a": 0}, {"k": 2, "a": 2}, {"k": 2, "a": 5}, {"k": 1, "a": 2}]',
    },
    {
      stage: '{"field": "a", "range": {"step": 1, "unit": "month", "bounds": "full"}}', input: '[{"a": {"$date": "2020-01-31T00:00:00Z"}}, {"a": {"$date": "2020-03-31T00:00:00Z"}}]',
      result: '[{"a": {"$date": "2020-01-31T00:00:00Z"}}, {"a": {"$date": "2020-02-29T00:00:00Z"}}, {"a": {"$date": "2020-03-29T00:00:00Z"}}, {"a": {"$date": "2020-03-31T00:00:00Z"}}]',
    },
    { stage: '{"field": "a.b", "range": {"step": 1, "bounds": "full"}}', input: '[{"a": [{"b": 1}]}, {"a": {"b": 2}}, {"a": {"b": 4}}]', result: '[{"a": [{"b": 1}]}, {"a": {"b": 2}}, {"a": {"b": 3}}, {"a": {"b": 4}}]' },
    { stage: '{"field": "a", "range": {"step": 1, "unit": "day", "bounds": "full"}}', input: '[{"a": 1}]', error: 6053600 },
    { stage: '{"field": "a", "range": {"step": 1, "bounds": "full"}}', input: '[{"a": {"$date": 0}}]', error: 6053600 },
    { stage: '{"field": "a", "range": {"step": {"$numberDouble": "NaN"}, "bounds": "full"}}', error: 5733401 },
    { stage: '{"field": "a", "range": {"step": 1, "bounds": [{"$date": 0}, {"$date": 5}]}}', error: 5733410 },
    { stage: '{"field": "a", "range": {"step": 1, "unit": "day", "bounds": [1, 2]}}', error: 5733409 },
    { stage: '{"field": "a", "range": {"step": 1, "bounds": ["a", "b"]}}', error: 5946800 },
    { stage: '1', error: 9 },
    { stage: '{"field": "a"}', error: 40414 },
    { stage: '{"field": "a", "range": {"step": 0, "bounds": "full"}}', error: 5733401 },
    { stage: '{"field": "a", "range": {"step": 1, "bounds": "x"}}', error: 5946802 },
    { stage: '{"field": "a", "range": {"step": 1, "bounds": 1}}', error: 5733404 },
    { stage: '{"field": "a", "range": {"step": 1, "bounds": [1]}}', error: 5733403 },
    { stage: '{"field": "a", "range": {"step": 1, "bounds": [2, 1]}}', error: 5733402 },
    { stage: '{"field": "a", "range": {"step": 1, "bounds": [{"$numberLong": "1"}, {"$numberLong": "2"}]}}', error: 5876900 },
    { stage: '{"field": "a", "range": {"step": 1, "bounds": "partition"}}', error: 5733408 },
    { stage: '{"field": "a", "range": {"step": 1.5, "unit": "day", "bounds": "full"}}', error: 6586400 },
    { stage: '{"field": "a", "range": {"step": 1, "bounds": "full"}}', input: '[{"a": "x"}]', error: 5733201 },
  ],
};


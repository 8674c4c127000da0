// $densify: documents for the steps of a range that have none. Source for errors and their order: MongoDB 7.0.

import { compareValues } from '../../../../values/bson/compare.ts';
import { DateTime, isNumeric, typeNameOf, type Document, type Maybe, type Numeric, type Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { isInt64Integral, isNullish, toDouble } from '../../expressions/coercions.ts';
import { type TimeUnit, addToDate, isTimeUnit } from '../../expressions/dates/date-arithmetic.ts';
import { utc } from '../../expressions/dates/time-zones.ts';
import { splitFieldPath, valueAtPath } from '../../expressions/paths.ts';
import { assertRunning, batchesOf, gather } from '../batches.ts';
import { approximateSizeOfDocument, newStageAccount } from '../memory.ts';
import { everywhere } from '../stage.ts';
import type { Batches, OpaqueStage, PipelineEnvironment, StageKind } from '../stage.ts';
import { assertStrings, readArguments } from '../stage-arguments.ts';
import { addNumbers } from '../windows/window-arithmetic.ts';

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
  const { field, partitions, range } = densify;
  const memory = newStageAccount('$densify', environment);
  const documents = await gather(input);
  const entries = documents.map((document) => {
    memory.add(approximateSizeOfDocument(document));
    return { document, group: partitions.map((path) => plainValue(document, path) ?? null), position: positionOf(document, densify) };
  });
  entries.sort((a, b) => (range.bounds === 'full' && partitions.length === 0 ? 0 : compareValues(a.group, b.group)) || compareValues(a.position ?? null, b.position ?? null));
  const overall = extentOf(entries.map(({ position }) => position));
  const counter = { made: 0 };
  for (let from = 0; from < entries.length; ) {
    let to = from + 1;
    while (to < entries.length && compareValues(entries[to]!.group, entries[from]!.group) === 0) to += 1;
    assertRunning(environment);
    const part = entries.slice(from, to);
    yield* batchesOf(densifyPart(part, { densify, extent: extentFor(range.bounds, overall, part), counter }));
    from = to;
  }
  // Without any documents, the steps of explicit bounds are there all the same.
  if (entries.length === 0 && Array.isArray(range.bounds)) {
    const [lower, upper] = range.bounds as readonly [Position, Position];
    yield* batchesOf(steps(lower, upper, { range, counter }).map((position) => withPosition(new Map(), field, position)));
  }
}

type Entry = { readonly document: Document; readonly group: readonly Value[]; readonly position: Position | undefined };
/** From the first step to where they end (exclusive). */
type Extent = readonly [Position, Position] | undefined;

function extentOf(positions: readonly (Position | undefined)[]): Extent {
  const known = positions.filter((position) => position !== undefined).toSorted((a, b) => compareValues(a, b));
  return known.length === 0 ? undefined : [known[0]!, known.at(-1)!];
}

function extentFor(bounds: Range['bounds'], overall: Extent, part: readonly Entry[]): Extent {
  if (bounds === 'full') return overall;
  return bounds === 'partition' ? extentOf(part.map(({ position }) => position)) : bounds;
}

/** Throws DocumentError: 5733201 for what is neither a number nor a date, 6053600 and 6053600 where the unit does not fit. */
function positionOf(document: Document, { field, range }: Densify): Position | undefined {
  const value = plainValue(document, field);
  if (isNullish(value)) return undefined;
  if (value instanceof DateTime) {
    if (range.unit === undefined) throw new DocumentError(6_053_600, '$densify dates require a unit');
    return value;
  }
  if (!isNumeric(value)) throw new DocumentError(5_733_201, 'PlanExecutor error during aggregation :: caused by :: Densify field type must be numeric or a date');
  if (range.unit !== undefined) throw new DocumentError(6_053_600, '$densify numbers may not have a unit');
  return value;
}

/** Throws DocumentError: 5733307 for an array on the way, 5733308 for a value that has no fields. */
function plainValue(document: Document, path: readonly string[]): Maybe {
  let value: Maybe = document;
  for (const name of path) {
    if (Array.isArray(value)) throw new DocumentError(5_733_307, '$densify cannot generate fields nested inside arrays');
    value = value instanceof Map ? value.get(name) : undefined;
  }
  return value;
}

type PartContext = { readonly densify: Densify; readonly extent: Extent; readonly counter: { made: number } };

/** A partition's documents, in order, with those that were missing. */
function densifyPart(part: readonly Entry[], { densify: { field, partitions, range }, extent, counter }: PartContext): Document[] {
  if (extent === undefined) return part.map(({ document }) => document);
  const base = baseOf(part[0]!, partitions);
  const [first, last] = extent;
  // With bounds of its own the upper one is no step; else it is that of a document.
  const made = steps(first, last, { range, counter });
  const result: Document[] = [];
  let at = 0;
  for (const { document, position } of part) {
    if (position !== undefined) {
      for (; at < made.length && compareValues(made[at], position) < 0; at += 1) result.push(withPosition(base, field, made[at]!));
      if (at < made.length && compareValues(made[at], position) === 0) at += 1;
    }
    result.push(document);
  }
  for (; at < made.length; at += 1) result.push(withPosition(base, field, made[at]!));
  return result;
}

/** The steps from `from` on, before `to`. Throws DocumentError: 5897900 for too many. */
function steps(from: Position, to: Position, { range, counter }: { readonly range: Range; readonly counter: { made: number } }): Position[] {
  const made: Position[] = [];
  for (let position = from; compareValues(position, to) < 0; position = next(position, range)) {
    counter.made += 1;
    if (counter.made > mostDocuments) throw new DocumentError(5_897_900, `Generated ${counter.made} documents in $densify, which is over the limit of ${mostDocuments}. Increase the 'internalQueryMaxAllowedDensifyDocs' parameter to allow more generated documents`);
    made.push(position);
  }
  return made;
}

function next(position: Position, { step, unit }: Range): Position {
  if (position instanceof DateTime) return new DateTime(addToDate(position.ms, unit ?? 'millisecond', BigInt(Math.trunc(toDouble(step))), utc));
  return addNumbers(position, step);
}

/** What the made documents of a partition have: its fields. */
function baseOf({ document }: Entry, partitions: readonly (readonly string[])[]): Document {
  let base: Document = new Map();
  for (const path of partitions) {
    const value = valueAtPath(document, path);
    if (value !== undefined) base = withPosition(base, path, value);
  }
  return base;
}

function withPosition(document: Document, [name = '', ...rest]: readonly string[], value: Value): Document {
  if (rest.length === 0) return new Map(document).set(name, value);
  const inner = document.get(name);
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


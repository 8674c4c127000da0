// Applies a parsed update to one document, which stays as it was: a new document comes back.

import { Timestamp } from '../../../values/bson/types.ts';
import type { DateTime, Document, Value } from '../../../values/bson/types.ts';
import { compareValues } from '../../../values/bson/compare.ts';
import { timestampNow } from '../../../values/bson/timestamp-now.ts';
import { DocumentError } from '../errors.ts';
import { newScope } from '../expressions/scope.ts';
import type { Environment } from '../expressions/scope.ts';
import type { Filter } from '../filters/filter.ts';
import { matchWithPosition } from '../filters/match.ts';
import { applyModifiers } from './apply-modifiers.ts';
import type { Run } from './apply-modifiers.ts';
import { isIdentical } from './identical.ts';
import { elementText } from './messages.ts';
import { assertSize, assertStorable } from './storage-rules.ts';
import type { OperatorUpdate, PipelineUpdate, Update } from './update.ts';

export type ApplyOptions = {
  readonly now: DateTime;
  /** The element of the matched array that positional `$` stands for. */
  readonly position?: number | undefined;
  /** The query's filter, to find the position where it is needed and not given. */
  readonly filter?: Filter | undefined;
  /** The document is made by an upsert: `$setOnInsert` counts, and limits are checked later, over the whole. */
  readonly isInsert?: boolean;
  /** For `$currentDate` and empty timestamps of a replacement; by default later than all before. */
  readonly nextTimestamp?: () => Timestamp;
  /** The command's variables, for a pipeline. */
  readonly environment?: Environment | undefined;
};

export type UpdateResult = {
  /** The document given, if nothing changed. */
  readonly document: Document;
  /** False if the result is the same in every bit, type and field order. */
  readonly changed: boolean;
};

/** Throws DocumentError: ImmutableField, PathNotViable, TypeMismatch, BadValue, Overflow, 17419 and others. */
export function applyUpdate(update: Update, document: Document, options: ApplyOptions): UpdateResult {
  const { document: result, changed } = applyByKind(update, document, options);
  if (!changed) return { document, changed };
  if (!options.isInsert) assertSize(result, 'update');
  return { document: withIdFirst(result), changed };
}

function applyByKind(update: Update, document: Document, options: ApplyOptions): UpdateResult {
  switch (update.kind) {
    case 'operators':
      return applyOperators(update, document, options);
    case 'replacement':
      return replace(document, withTimestamps(update.document, options.nextTimestamp ?? timestampNow), { ...options, allowDollarFields: false });
    case 'pipeline':
      return replace(document, runStages(update, document, options), { ...options, allowDollarFields: true });
    default:
      return update satisfies never;
  }
}

function applyOperators({ root, needsPosition }: OperatorUpdate, document: Document, options: ApplyOptions): UpdateResult {
  const { now, position, filter, isInsert = false, nextTimestamp = timestampNow } = options;
  const run: Run = {
    document,
    now,
    nextTimestamp,
    position: needsPosition && position === undefined && filter && !isInsert ? matchWithPosition(filter, document).position : position,
    isInsert,
    changed: false,
    sources: [],
  };
  const result = applyModifiers(root, run);
  return { document: result, changed: run.changed };
}

function runStages({ stages, constants }: PipelineUpdate, document: Document, { now, environment = { now } }: ApplyOptions): Document {
  const scope = newScope(document, environment);
  for (const { slot, value } of constants) scope.slots[slot] = value;
  return stages.reduce((current, stage) => stage.transform(current, { ...scope, root: current }), document);
}

/** An empty timestamp at the top of a replacement stands for the present one, but not as `_id`. */
function withTimestamps(replacement: Document, nextTimestamp: () => Timestamp): Document {
  const isEmpty = ([name, value]: [string, Value]): boolean => name !== '_id' && value instanceof Timestamp && value.value === 0n;
  if (![...replacement].some(isEmpty)) return replacement;
  return new Map([...replacement].map((entry) => (isEmpty(entry) ? [entry[0], nextTimestamp()] : entry)));
}

type ReplaceOptions = { readonly isInsert?: boolean; readonly allowDollarFields: boolean };

/** `replacement` in place of the document, whose `_id` it keeps. */
function replace(document: Document, replacement: Document, { isInsert = false, allowDollarFields }: ReplaceOptions): UpdateResult {
  if (isIdentical(document, replacement)) return { document, changed: false };
  const id = document.get('_id');
  const result: Document = id === undefined || replacement.has('_id') ? replacement : new Map([['_id', id], ...replacement]);
  if (!isInsert) assertStorable(result, { allowDollarFields });
  assertSameId(id, result.get('_id'));
  return { document: result, changed: true };
}

function assertSameId(before: Value | undefined, after: Value | undefined): void {
  if (Array.isArray(after)) {
    throw new DocumentError('NotSingleValueField', "After applying the update to the document, the (immutable) field '_id' was found to be an array or array descendant.");
  }
  if (before !== undefined && compareValues(before, after) !== 0) {
    throw new DocumentError('ImmutableField', `After applying the update, the (immutable) field '_id' was found to have been altered to ${elementText('_id', after)}`);
  }
}

/** The document with its `_id`, if it has one, as its first field. */
export function withIdFirst(document: Document): Document {
  const [first] = document.keys();
  const id = document.get('_id');
  if (id === undefined || first === '_id') return document;
  const result: Document = new Map([['_id', id]]);
  for (const [name, value] of document) if (name !== '_id') result.set(name, value);
  return result;
}

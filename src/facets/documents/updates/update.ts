// What an update is once it is parsed: plain data that a planner may translate where it is simple, and beside it the
// tree of paths along which the operators are applied. Source: MongoDB 7.0's manual, "Update Operators".

import type { DateTime, Document, Timestamp, Value } from '../../../values/bson/types.ts';
import type { TransformStage } from '../pipelines/stage.ts';

export type UpdateOperatorName =
  | '$set' | '$setOnInsert' | '$unset' | '$inc' | '$mul' | '$min' | '$max' | '$rename' | '$currentDate' | '$bit'
  | '$push' | '$addToSet' | '$pop' | '$pull' | '$pullAll';

/** `{$set: {'a.b': 1}}` is operator `$set`, path `['a', 'b']`, value 1. */
export type Modifier = {
  readonly operator: UpdateOperatorName;
  readonly path: readonly string[];
  readonly value: Value;
};

export type ReplacementUpdate = { readonly kind: 'replacement'; readonly document: Document };

export type OperatorUpdate = {
  readonly kind: 'operators';
  /** In the order in which they were written. */
  readonly modifiers: readonly Modifier[];
  /** The same, by path; in the order in which they are applied. */
  readonly root: ObjectNode;
  /** Whether a path has the positional `$`, so that applying needs to know which element the query matched. */
  readonly needsPosition: boolean;
};

export type PipelineUpdate = {
  readonly kind: 'pipeline';
  readonly stages: readonly TransformStage[];
  /** The statement's constants (`c`) and the slots of their variables. */
  readonly constants: readonly { readonly slot: number; readonly value: Value }[];
};

export type Update = ReplacementUpdate | OperatorUpdate | PipelineUpdate;


/** Children by the part of the path: names and array indexes, and what stands at the positional `$`. */
export type ObjectNode = {
  readonly kind: 'object';
  readonly children: Map<string, UpdateNode>;
  positional?: UpdateNode | undefined;
};

/** Children by the identifier of `$[identifier]`; the empty one is `$[]`. */
export type ArrayNode = {
  readonly kind: 'array';
  readonly children: Map<string, UpdateNode>;
  readonly filters: ReadonlyMap<string, ElementTest>;
};

export type UpdateNode = ObjectNode | ArrayNode | LeafNode | RenameNode | SourceNode;

/** Whether an element of an array satisfies its array filter. */
export type ElementTest = (element: Value) => boolean;

/** What an operator answers when nothing changes, and when the field goes away. */
export const unchanged = Symbol('unchanged');
export const removed = Symbol('removed');

/** Where and when an operator is applied. */
export type Place = {
  /** The path of the existing field, with indexes in place of `$` and `$[]`. */
  readonly path: readonly string[];
  /** The whole document before the update, for messages. */
  readonly document: Document;
  readonly now: DateTime;
  readonly nextTimestamp: () => Timestamp;
};

/** An operator with its argument, at the end of a path. */
export type LeafNode = {
  readonly kind: 'leaf';
  readonly operator: UpdateOperatorName;
  /** The new value of a field that exists. */
  readonly change: (current: Value, place: Place) => Value | typeof unchanged | typeof removed;
  /** The value of a field that does not exist; absent where the operator then does nothing. */
  readonly create?: (place: Place) => Value;
  /** Does nothing even where the path leads through a value that has no fields. */
  readonly ignoresBlockedPath?: true;
  readonly onlyOnInsert?: true;
  /** What it leaves is part of what was there, so that limits need no check. */
  readonly onlyShrinks?: true;
};

/** `$rename`, at its target. */
export type RenameNode = { readonly kind: 'rename'; readonly source: readonly string[] };

/** The source of a `$rename`: there only to conflict with other operators. */
export type SourceNode = { readonly kind: 'source' };

/** Parses an operator's argument for one path. `field` is the path as written. */
export type UpdateOperator = {
  readonly name: UpdateOperatorName;
  readonly parse: (argument: { readonly field: string; readonly value: Value }) => LeafNode;
};


// One key within a unit of work: what the store holds of it, as far as it was asked for, and what the unit has
// changed. `flush.ts` writes the changes, `unit.ts` asks for what is missing.

import { assert } from '../../kernel/assert.ts';
import type { ExpiryTime } from './expiry-time.ts';
import type { Kind } from './kinds.ts';
import type { ListRuns, Range } from './list-runs.ts';
import type { KeyMapping } from './mapped/key-mappings.ts';

/** An element of a hash (value, number), a set, or a sorted set (score). */
export type Element = { readonly member: Buffer; readonly value?: Buffer; readonly number?: number; readonly score?: number };

/** Bytes that go over those of a string from an offset on, which is at most its end. */
export type Patch = { readonly offset: number; readonly bytes: Buffer };

export type KeyVersion = string | number;

export class Entry {
  readonly space: number;
  readonly key: Buffer;
  /** The key as a string of one character a byte: what maps are keyed by. */
  readonly name: string;
  /** False while it is looked for: nothing that stands here is true of the key. */
  isKnown: boolean;
  /** How many requests of the group name it: so much will be asked of it. */
  requests: number;
  /** A row is in the store (an expired one too). `unknown`: it was set without having been looked for. */
  stored: boolean | 'unknown';
  /** What the row in the store holds, where that was looked at. */
  storedKind: Kind | undefined;
  /** Undefined: there is no such key. */
  kind: Kind | undefined;
  expiresAt: ExpiryTime | undefined;
  /** A string's value. Undefined for collections, and while a long one was not asked for. */
  value: Buffer | undefined;
  /** A string's length in bytes, a collection's number of elements. */
  size: number;
  /** Under which reference the store has the elements. */
  ref: number | undefined;
  /** Lists: the position of the first item. Hashes: the number that the next field gets. */
  edge: number;
  /**
   * Of an uneven list: where its items are in the store, by their place from `edge` on. `unknown`: it was not asked yet.
   * The positions of an even one are those of the store.
   */
  runs: ListRuns | 'unknown' | undefined;
  /** They are to be written. */
  runsChanged: boolean;
  /** Tells one state of the key from another, for WATCH: the row's version as it was loaded, or `changed` by this unit. */
  version: KeyVersion | undefined;

  /** The key stands for a row of a table, or for a document: it is read only. */
  mapping: KeyMapping | undefined;

  /** Everything that the collection holds is in `elements` or `items`. */
  whole: boolean;

  /** What is to be written of the row: its value and reference, or its other columns. */
  rowChange: 'none' | 'columns' | 'all';
  /** The row is still under this key: it was renamed. */
  renamedFrom: Buffer | undefined;

  // What only collections have is made when it is used: most entries are strings, and there are very many of them.
  #elements: Map<string, Element | null> | undefined;
  #items: Map<number, Buffer> | undefined;
  #changedElements: Set<string> | undefined;
  #changedItems: Set<number> | undefined;
  #removedRanges: [number, number][] | undefined;
  #patches: Patch[] | undefined;
  #answers: Map<string, unknown> | undefined;
  #unread: readonly Element[] | undefined;

  constructor(space: number, key: Buffer, name: string) {
    this.space = space;
    this.key = key;
    this.name = name;
    this.isKnown = true;
    this.requests = 1;
    this.stored = false;
    this.storedKind = undefined;
    this.kind = undefined;
    this.size = 0;
    this.edge = 0;
    this.runs = undefined;
    this.runsChanged = false;
    this.whole = false;
    this.rowChange = 'none';
  }

  /** The elements that are known, by name; null: known not to be there. Not for strings and lists. */
  get elements(): Map<string, Element | null> {
    return (this.#elements ??= new Map());
  }

  set elements(elements: Map<string, Element | null>) {
    this.#elements = elements;
  }

  /** Items of a list by position. */
  get items(): Map<number, Buffer> {
    return (this.#items ??= new Map());
  }

  /** Elements that are to be written, or to be deleted. */
  get changedElements(): Set<string> {
    return (this.#changedElements ??= new Set());
  }

  /** Positions of a list that are to be written. */
  get changedItems(): Set<number> {
    return (this.#changedItems ??= new Set());
  }

  /** Where the items of a list from one position to another are stored, in their order. */
  storedRanges(first: number, last: number): Range[] {
    return this.#runs?.rangesOf(first - this.edge, last - this.edge) ?? [{ first, last }];
  }

  storedPosition(position: number): number {
    return this.#runs?.positionOf(position - this.edge) ?? position;
  }

  /** The position of an item that is stored there. */
  positionOfStored(stored: number): number {
    const runs = this.#runs;
    return runs === undefined ? stored : this.edge + runs.offsetOf(stored);
  }

  get #runs(): ListRuns | undefined {
    assert(this.runs !== 'unknown', 'where the items of a list are is asked before they are');
    return this.runs;
  }

  /** Positions in the store, first and last, whose rows are to go. */
  get removedRanges(): [number, number][] {
    return (this.#removedRanges ??= []);
  }

  /** Answers to questions that only the store can answer, valid until the next change. */
  get answers(): Map<string, unknown> {
    return (this.#answers ??= new Map());
  }

  /** Changes of a long string that was not read. */
  get patches(): readonly Patch[] {
    return this.#patches ?? [];
  }

  /** Elements of a new collection (of a list its items, with their positions) that are to be written, and are not known otherwise. */
  get unread(): readonly Element[] {
    return this.#unread ?? [];
  }

  set unread(elements: readonly Element[]) {
    this.#unread = elements;
  }

  /** Those of an unread string only: of one that is known the value is changed. */
  patch(patch: Patch): void {
    (this.#patches ??= []).push(patch);
    this.size = Math.max(this.size, patch.offset + patch.bytes.length);
    this.version = 'changed';
    this.#answers = undefined;
  }

  /** Something is to be written. A change of elements or items is always one of the row too. */
  get isDirty(): boolean {
    return this.rowChange !== 'none' || this.renamedFrom !== undefined || this.#patches !== undefined;
  }

  /** Forgets value and elements, as when the key is deleted or takes another value. */
  clear(): void {
    this.kind = undefined;
    this.expiresAt = undefined;
    this.value = undefined;
    this.size = 0;
    this.ref = undefined;
    this.edge = 0;
    this.runs = undefined;
    this.runsChanged = false;
    this.whole = false;
    this.#elements = undefined;
    this.#items = undefined;
    this.#forgetChanges();
    this.changed('all');
  }

  /** Notes that the key changed. Every change of a collection changes its row too, which is what WATCH and locks see. */
  changed(what: 'columns' | 'all'): void {
    if (this.rowChange !== 'all') this.rowChange = what;
    this.version = 'changed';
    this.#answers = undefined;
  }

  /** Takes everything that another key holds; that one is left without a row. */
  takeOver(other: Entry): void {
    const { kind, expiresAt, value, size, ref, edge, runs, whole } = other;
    Object.assign(this, { kind, expiresAt, value, size, ref, edge, runs, whole });
    this.#elements = other.#elements;
    this.#items = other.#items;
    this.renamedFrom = other.key;
    this.version = 'changed';
    this.#answers = undefined;
    other.clear();
    other.rowChange = 'none';
    this.storedKind = other.storedKind;
    other.stored = false;
    other.storedKind = undefined;
  }

  /** After the changes were written. */
  settled(): void {
    this.stored = this.kind !== undefined;
    this.storedKind = this.kind;
    this.rowChange = 'none';
    this.renamedFrom = undefined;
    this.runsChanged = false;
    this.#forgetChanges();
  }

  #forgetChanges(): void {
    this.#patches = undefined;
    this.#unread = undefined;
    this.#changedElements = undefined;
    this.#changedItems = undefined;
    this.#removedRanges = undefined;
  }
}

// A unit of work on keys: commands run on it as plain synchronous code, over what is known so far. A command that
// lacks something notes it and stops (`Missing` is thrown); what all commands lack is fetched at once, and they run
// again from their beginning. So a command reads first and changes afterwards, and no command has to know how many
// others share its round trips.

import { assert } from '../../kernel/assert.ts';
import { FacetError } from '../../kernel/errors.ts';
import type { Step } from '../../engine/client.ts';
import { type Element, Entry } from './entry.ts';
import type { ExpiryTime } from './expiry-time.ts';
import type { CollectionKind, Kind } from './kinds.ts';
import { keyvalueLimits } from './limits.ts';
import { ListRuns } from './list-runs.ts';
import { KeyEvents } from './key-events.ts';
import type { KnownKeys } from './known-keys.ts';
import type { KeyMappings } from './mapped/key-mappings.ts';
import { type NamedElements, Needs, type Question } from './needs.ts';

/** Thrown to stop a command until what it lacks is there. One object serves all: it carries nothing. */
export class Missing extends Error {
  static readonly instance = new Missing('not loaded');
}
Missing.instance.stack = '';

/** Thrown to stop a command that would keep others waiting, in a unit of work that it shares with them. */
export class TooLong extends Missing {
  static override readonly instance = new TooLong('takes long');
}
TooLong.instance.stack = '';

/** A question, and what makes its answer. */
export type Asked<T> = Omit<Question, 'entries' | 'signature' | 'answer'> & { readonly answer: () => T };

export type UnitOptions = {
  /** `read`: nothing may change. */
  readonly mode: 'read' | 'write';
  /** The store's time for this unit, in milliseconds since 1970. */
  readonly nowMs: number;
  /** Gives a reference for a new collection. */
  readonly takeReference: () => number;
  /** The keys that stand for rows. Default: none do. */
  readonly mappings?: Pick<KeyMappings, 'find'> | undefined;
};

export class Unit {
  readonly mode: 'read' | 'write';
  readonly nowMs: number;
  readonly mappings: Pick<KeyMappings, 'find'> | undefined;
  readonly #takeReference: () => number;
  readonly #spaces = new Map<number, Map<string, Entry>>();
  /** The key that was looked at last, which is often looked at again. */
  #last: Entry | undefined;
  /** Answers to questions about whole keyspaces. They are never kept over a change. */
  readonly #answers = new Map<string, unknown>();
  #spareReference: number | undefined;
  readonly events = new KeyEvents();
  /** Keys that a unit which only reads found expired: somebody has to take them out of the store. */
  readonly expired: Entry[] = [];
  /** Keys that came into being or got elements: blocked clients may be served. */
  readonly ready = new Set<Entry>();
  /** Of each request of the unit, the entry of its first key, where it was wanted before. */
  firstOf: (Entry | undefined)[] = [];
  /** Keys of which something was remembered, which is told only if it is confirmed. */
  remembered = 0;
  /** Of `performance.now()`: when its requests began to run, or to go on. */
  startedAt = 0;
  /** Commands of transactions that have ended: as long as there are more of them, a request that goes on does not go round in circles. */
  commandsEnded = 0;
  /** A command runs only to say what it lacks. */
  #looksAhead = false;
  /** Whether the request that runs may ask for what takes long. */
  mayTakeLong = true;
  needs = new Needs();

  constructor({ mode, nowMs, takeReference, mappings }: UnitOptions) {
    this.mode = mode;
    this.mappings = mappings;
    this.nowMs = nowMs;
    this.#takeReference = takeReference;
  }

  // Looking

  /** The key's entry when the key exists and has not expired. */
  find(space: number, key: Buffer): Entry | undefined {
    const entry = this.entry(space, key);
    return entry.kind === undefined ? undefined : entry;
  }

  /** Whether a key that was looked for exists. */
  has(space: number, key: Buffer): boolean {
    const entry = this.#known(space, key);
    return entry?.kind !== undefined && (entry.expiresAt === undefined || entry.expiresAt > this.nowMs);
  }

  /** As `find`; throws `wrong_kind` when the key holds another kind of value. */
  findKind(space: number, key: Buffer, kind: Kind): Entry | undefined {
    const entry = this.entry(space, key);
    if (entry.kind === undefined) return undefined;
    if (entry.kind !== kind) throw new FacetError('wrong_kind');
    if (entry.runs === 'unknown') this.requireRuns(entry);
    return entry;
  }

  /**
   * Looks at what a command will look at whose turn comes later: what it lacks is fetched with what is lacking now. The commands before
   * it may yet change its keys; it then asks again. Nothing is changed meanwhile, not even what has expired is taken out.
   */
  lookAhead(look: () => void): void {
    this.#looksAhead = true;
    try {
      look();
    } catch {
      // What it lacks is noted; what is wrong with it, it says when it runs.
    } finally {
      this.#looksAhead = false;
    }
  }

  /** What is asked for next, or done, takes long: a command that shares its unit of work is carried out elsewhere. */
  takesLong(): void {
    if (!this.mayTakeLong) throw TooLong.instance;
  }

  /** As `takesLong`, for a string of so many bytes that is read or written whole. */
  mayTouchBytes(bytes: number): void {
    if (bytes > keyvalueLimits.longBytes) this.takesLong();
  }

  /** Notes that a key will be looked at. */
  want(space: number, key: Buffer): Entry {
    return this.#want(space, key, key.toString('latin1'));
  }

  /**
   * As `want`, for a request about this key alone. What is remembered of it is an entry of its own, which nothing else of the
   * unit finds.
   */
  wantKnown(space: number, key: Buffer, known: KnownKeys): Entry {
    const name = key.toString('latin1');
    const row = known.find(space, name, this.nowMs);
    // A mapping may be younger than what is remembered.
    if (row === undefined || this.mappings?.find(space, key) !== undefined) return this.#want(space, key, name);
    const entry = new Entry(space, key, name);
    entry.stored = row.kind !== undefined;
    entry.kind = row.kind;
    entry.value = row.value;
    entry.size = row.size;
    entry.expiresAt = row.expiresAt;
    this.remembered += 1;
    return entry;
  }

  /** The request that runs next begins with this key. */
  lookAt(entry: Entry | undefined): void {
    if (entry?.isKnown === true) this.#last = entry;
  }

  /** Notes that elements of a key, which is looked for as well, will be looked at. */
  wantElements(space: number, key: Buffer, elements: NamedElements): void {
    const entry = this.entriesOf(space).get(key.toString('latin1'));
    if (entry?.isKnown === false) this.needs.named.push({ entry, ...elements });
  }

  /** The key's entry, whether there is such a key or not. */
  entry(space: number, key: Buffer): Entry {
    const entry = this.#known(space, key);
    if (entry === undefined) {
      this.want(space, key);
      throw Missing.instance;
    }
    if (entry.expiresAt !== undefined && entry.expiresAt <= this.nowMs && entry.kind !== undefined) this.#expire(entry);
    return entry;
  }

  /** The whole value of a string. */
  valueOf(entry: Entry): Buffer {
    if (entry.value !== undefined) return entry.value;
    this.mayTouchBytes(entry.size);
    if (!this.needs.values.has(entry)) this.needs.valueBytes += entry.size;
    if (this.needs.valueBytes > keyvalueLimits.groupValueBytes) this.takesLong();
    // The store has it under the key's new name, and with what was put over it, once that is written.
    if (entry.isDirty) this.needs.settle = true;
    this.needs.values.add(entry);
    throw Missing.instance;
  }

  /** One element, or undefined when the collection does not have it. */
  element(entry: Entry, member: Buffer): Element | undefined {
    const [element] = this.elementsOf(entry, [member]);
    return element;
  }

  /** Several elements in the order asked for. */
  elementsOf(entry: Entry, members: readonly Buffer[]): (Element | undefined)[] {
    let missing = false;
    const found = members.map((member) => {
      const name = member.toString('latin1');
      const element = entry.elements.get(name);
      if (element !== undefined || entry.whole) return element ?? undefined;
      missing = true;
      let wanted = this.needs.elements.get(entry);
      if (wanted === undefined) this.needs.elements.set(entry, (wanted = new Map()));
      wanted.set(name, member);
      return undefined;
    });
    if (missing) this.#lack(entry);
    return found;
  }

  /** All elements of a hash (in the order in which the fields came), set or sorted set. */
  allElements(entry: Entry): Element[] {
    if (!entry.whole) {
      this.#mayLookAt(entry.size);
      this.needs.wholes.add(entry);
      this.#lack(entry);
    }
    const elements: Element[] = [];
    for (const element of entry.elements.values()) if (element !== null) elements.push(element);
    return elements;
  }

  /** Asks where the items of an uneven list are. */
  requireRuns(entry: Entry): void {
    if (entry.runs !== 'unknown') return;
    this.needs.runs.add(entry);
    throw Missing.instance;
  }

  /** Items of a list from one position to another, both included. */
  items(entry: Entry, first: number, last: number): Buffer[] {
    const items: Buffer[] = [];
    for (let position = first; position <= last; position++) {
      const item = entry.items.get(position);
      if (item === undefined) {
        this.requireRuns(entry);
        this.#mayLookAt(last - position + 1);
        this.needs.ranges.push({ entry, first: position, last });
        this.#lack(entry);
      }
      items.push(item);
    }
    return items;
  }

  /**
   * Asks the store what cannot be told from the elements that are known. Changes that were made so far are written
   * first, within the transaction, so that the answer holds for them too.
   */
  ask<T>(entry: Entry, signature: string, question: () => Asked<T>): T {
    return this.askTogether([entry], signature, question);
  }

  /** As `ask`, about several keys: the answer holds until one of them changes. */
  askTogether<T>(entries: readonly Entry[], signature: string, question: () => Asked<T>): T {
    if (entries.every(({ answers }) => answers.has(signature))) return entries[0]!.answers.get(signature) as T;
    const asked = question();
    this.#mayLookAt(asked.elements);
    this.needs.questions.push({ entries, signature, ...asked });
    throw Missing.instance;
  }

  /** As `askTogether`, for what the store does when it is asked: its answer is for this command alone. */
  askOnce<T>(entries: readonly Entry[], signature: string, question: () => Asked<T>): T {
    const answer = this.askTogether(entries, signature, question);
    for (const { answers } of entries) answers.delete(signature);
    return answer;
  }

  /**
   * What a computation gives, for this command alone. It is carried out in turns with others (`inTurns`) before the command runs again; what
   * it works on is what that command has found.
   */
  computeOnce<T>(entry: Entry, signature: string, start: () => Generator<undefined, T>): T {
    if (entry.answers.has(signature)) {
      const result = entry.answers.get(signature) as T;
      entry.answers.delete(signature);
      return result;
    }
    this.takesLong();
    this.needs.computations.push({ entry, signature, start });
    throw Missing.instance;
  }

  /** Asks about whole keyspaces; the command must have declared that it touches all keys. */
  askGeneral<T>(signature: string, question: () => { readonly steps: readonly Step[]; readonly answer: () => T }): T {
    if (this.#answers.has(signature)) {
      const answer = this.#answers.get(signature) as T;
      // A second run of the same command gets it; a later command asks again.
      return answer;
    }
    this.needs.general.set(signature, question());
    throw Missing.instance;
  }

  // Changing

  /** Makes the key hold a string. `expiresAt`: undefined for none. */
  setString(entry: Entry, value: Buffer, expiresAt: ExpiryTime | undefined): void {
    this.#mayChange(entry);
    this.#noteIfNew(entry);
    if (entry.kind !== 'string' || entry.patches.length > 0) entry.clear();
    entry.kind = 'string';
    entry.value = value;
    entry.size = value.length;
    entry.expiresAt = expiresAt;
    entry.changed('all');
    this.#touchAnswers();
  }

  /** Puts bytes over those of a string that is there, from an offset up to its end on; it keeps its expiry. A long one is not read. */
  patchString(entry: Entry, offset: number, bytes: Buffer): void {
    this.#mayChange(entry);
    assert(entry.kind === 'string' && offset <= entry.size, 'a string is changed where it is, or goes on');
    if (entry.value === undefined) return entry.patch({ offset, bytes });
    const { value } = entry;
    this.setString(entry, Buffer.concat([value.subarray(0, offset), bytes, value.subarray(offset + bytes.length)]), entry.expiresAt);
  }

  /** As `setString` for a key that nobody has looked for: one that is there is replaced unseen. */
  replaceUnseen(space: number, key: Buffer, value: Buffer, expiresAt: ExpiryTime | undefined): void {
    this.#mayGoOn();
    const name = key.toString('latin1');
    let entry = this.entriesOf(space).get(name);
    if (entry === undefined) {
      entry = this.adopt(space, key, name);
      entry.mapping = this.mappings?.find(space, key);
      entry.stored = 'unknown';
    } else if (entry.isKnown) entry = this.entry(space, key);
    this.setString(entry, value, expiresAt);
  }

  /** For a command that creates a collection after it has changed something else: what that needs is there from here on. */
  prepareCollection(): void {
    this.#mayGoOn();
    this.#spareReference ??= this.#takeReference();
  }

  /**
   * Makes the key, whatever it held, an empty collection, to be filled by the same command. DIFFERS: clients that wait for it are served where it held
   * another kind of value, too (SORT … STORE, ZUNIONSTORE); Redis leaves them waiting.
   */
  createCollection(entry: Entry, kind: CollectionKind): void {
    // Before any change: a reference may be missing, and the command then begins again.
    const reference = this.#spareReference ?? this.#takeReference();
    this.#spareReference = undefined;
    this.holdCollection(entry, kind, { ref: reference, size: 0 });
    entry.whole = true;
  }

  /** Makes the key, whatever it held, a collection that the store has under a reference, where no other key holds it. */
  holdCollection(entry: Entry, kind: CollectionKind, { ref, size }: { readonly ref: number; readonly size: number }): void {
    this.#mayChange(entry);
    this.#noteIfNew(entry);
    entry.clear();
    entry.kind = kind;
    entry.ref = ref;
    entry.size = size;
    this.ready.add(entry);
    this.#touchAnswers();
  }

  /** Fills a collection that this command has created with distinct elements, which are written as they are and not known here: very many. */
  fillUnread(entry: Entry, elements: readonly Element[]): void {
    this.#mayChange(entry);
    assert(entry.whole && entry.size === 0, 'a collection is filled when it is new');
    entry.whole = false;
    entry.unread = elements;
    entry.size = elements.length;
    if (entry.kind === 'hash') entry.edge = elements.length;
    entry.changed('columns');
  }

  /** Puts an element in, new or in place of the old. */
  putElement(entry: Entry, element: Element): void {
    this.#mayChange(entry);
    const name = element.member.toString('latin1');
    const before = entry.elements.get(name);
    assert(before !== undefined || entry.whole, 'an element is looked for before it is put');
    if (before === undefined || before === null) entry.size += 1;
    entry.elements.set(name, element);
    entry.changedElements.add(name);
    entry.changed('columns');
  }

  /** Takes an element out that is there. A collection that becomes empty is no longer. */
  removeElement(entry: Entry, member: Buffer): void {
    this.#mayChange(entry);
    const name = member.toString('latin1');
    assert(entry.elements.get(name) !== null, 'an element that is removed was there');
    entry.elements.set(name, null);
    entry.changedElements.add(name);
    entry.size -= 1;
    entry.changed('columns');
    if (entry.size === 0) this.remove(entry);
  }

  setItem(entry: Entry, position: number, value: Buffer): void {
    this.#mayChange(entry);
    entry.items.set(position, value);
    entry.changedItems.add(position);
    entry.changed('columns');
  }

  /** Adds to an end of a list. */
  pushItem(entry: Entry, end: 'left' | 'right', value: Buffer): void {
    this.#mayChange(entry);
    if (end === 'left') {
      entry.edge -= 1;
      this.setItem(entry, entry.edge, value);
    } else this.setItem(entry, entry.edge + entry.size, value);
    entry.size += 1;
    if (entry.runs instanceof ListRuns) this.#setRuns(entry, entry.runs.pushed(end));
    this.ready.add(entry);
  }

  /** Cuts a list to the positions from `first` to `last`; none are left when `last < first`. */
  cutItems(entry: Entry, first: number, last: number): void {
    this.#mayChange(entry);
    if (last < first) return this.remove(entry);
    if (entry.unread.length > 0) this.requireSettled(entry);
    this.#mayLookAt(entry.size - (last - first + 1));
    const end = entry.edge + entry.size - 1;
    if (first > entry.edge) this.#dropRange(entry, entry.edge, first - 1);
    if (last < end) this.#dropRange(entry, last + 1, end);
    if (entry.runs instanceof ListRuns) this.#setRuns(entry, entry.runs.cut(first - entry.edge, last - entry.edge));
    entry.edge = first;
    entry.size = last - first + 1;
    entry.changed('columns');
  }

  /** Where the items of a list are from now on; what was known of them no longer holds. `gone`: stored positions without an item. */
  placeItems(entry: Entry, runs: ListRuns, gone: readonly number[] = []): void {
    this.#mayChange(entry);
    assert(entry.changedItems.size === 0 && entry.removedRanges.length === 0, 'items are moved when all of them are written');
    const [only, ...others] = runs.runs;
    const isEven = others.length === 0;
    entry.items.clear();
    entry.edge = isEven ? only!.first : 0;
    entry.size = runs.size;
    entry.runsChanged = entry.runs !== undefined || !isEven;
    entry.runs = isEven ? undefined : runs;
    for (const position of gone) entry.removedRanges.push([position, position]);
    entry.changed('columns');
  }

  /** The collection is what is stored under another reference, as it is known here. */
  continueAs(entry: Entry, ref: number): void {
    this.#mayChange(entry);
    entry.ref = ref;
    entry.removedRanges.length = 0;
    entry.runsChanged = entry.runs !== undefined;
    entry.changed('all');
  }

  setExpiry(entry: Entry, expiresAt: ExpiryTime | undefined): void {
    this.#mayChange(entry);
    entry.expiresAt = expiresAt;
    entry.changed('columns');
  }

  /** Deletes the key. */
  remove(entry: Entry): void {
    this.#mayChange(entry);
    entry.clear();
    this.#touchAnswers();
  }

  /**
   * Gives what `from` holds, with its elements and expiry, to `to`, and takes it from `from`. Both must be settled,
   * which is asked for here.
   */
  move(from: Entry, to: Entry): void {
    this.#mayChange(from, to);
    assert(from.kind !== undefined && from.space === to.space && from !== to, 'a key is moved within its keyspace');
    this.requireSettled(from, to);
    // As in Redis, where the old key is deleted first.
    this.note(to.space, 'n', 'new', to.key);
    to.takeOver(from);
    this.ready.add(to);
    this.#touchAnswers();
  }

  /** Stops the command until the changes made so far have been written, unless these entries have none. */
  requireSettled(...entries: readonly Entry[]): void {
    if (!entries.some((entry) => entry.isDirty)) return;
    this.needs.settle = true;
    throw Missing.instance;
  }

  note(space: number, type: string, event: string, key: Buffer): void {
    this.events.note(space, type, event, key);
  }

  // For those who load and write

  /** Begins to know a key. */
  adopt(space: number, key: Buffer, name: string): Entry {
    const entry = new Entry(space, key, name);
    this.entriesOf(space).set(name, entry);
    return entry;
  }

  /** The entries of a keyspace by name, those that are looked for too. */
  entriesOf(space: number): Map<string, Entry> {
    let entries = this.#spaces.get(space);
    if (entries === undefined) this.#spaces.set(space, (entries = new Map()));
    return entries;
  }

  answerGeneral(signature: string, answer: unknown): void {
    this.#answers.set(signature, answer);
  }

  /** All entries that have changes to write. */
  *dirty(): Generator<Entry> {
    for (const entries of this.#spaces.values()) for (const entry of entries.values()) if (entry.isDirty) yield entry;
  }

  /** All entries that were changed, written or not. */
  *changed(): Generator<Entry> {
    for (const entries of this.#spaces.values()) for (const entry of entries.values()) if (entry.version === 'changed') yield entry;
  }

  /** Forgets everything that is known, after something changed in ways that it cannot follow (FLUSHDB, SWAPDB). */
  forgetAll(): void {
    this.#spaces.clear();
    this.#last = undefined;
    this.#answers.clear();
    this.firstOf = [];
    this.remembered = 0;
  }

  #want(space: number, key: Buffer, name: string): Entry {
    const known = this.#spaces.get(space)?.get(name);
    if (known !== undefined) {
      known.requests += 1;
      return known;
    }
    const entry = this.adopt(space, key, name);
    entry.isKnown = false;
    const wanted = this.needs.keys.get(space);
    if (wanted === undefined) this.needs.keys.set(space, [entry]);
    else wanted.push(entry);
    return entry;
  }

  /** Stops a command that lacks elements of a collection; those that are not known are written first. */
  #lack(entry: Entry): never {
    if (entry.unread.length > 0) this.needs.settle = true;
    throw Missing.instance;
  }

  #mayLookAt(elements = 1): void {
    if (elements > keyvalueLimits.longElements) this.takesLong();
  }

  /** The entry of a key that was looked for. */
  #known(space: number, key: Buffer): Entry | undefined {
    const last = this.#last;
    if (last !== undefined && last.key === key && last.space === space) return last;
    const entry = this.#spaces.get(space)?.get(key.toString('latin1'));
    if (entry?.isKnown !== true) return undefined;
    this.#last = entry;
    return entry;
  }

  /** The key is gone for everybody who looks; who may write also takes it out of the store. */
  #expire(entry: Entry): void {
    if (this.mode === 'read') {
      entry.kind = undefined;
      this.expired.push(entry);
      return;
    }
    this.#mayGoOn();
    this.note(entry.space, 'x', 'expired', entry.key);
    entry.clear();
  }

  /** Stops a command that only looks ahead before it changes anything. */
  #mayGoOn(): void {
    if (this.#looksAhead) throw Missing.instance;
  }

  /** Of a key that is replaced unseen nobody knows whether it is new. */
  #noteIfNew(entry: Entry): void {
    if (entry.kind === undefined && entry.stored !== 'unknown') this.note(entry.space, 'n', 'new', entry.key);
  }

  #dropRange(entry: Entry, first: number, last: number): void {
    for (let position = first; position <= last && entry.items.size > 0; position++) {
      entry.items.delete(position);
      entry.changedItems.delete(position);
    }
    for (const range of entry.storedRanges(first, last)) entry.removedRanges.push([range.first, range.last]);
  }

  #setRuns(entry: Entry, runs: ListRuns): void {
    entry.runs = runs;
    entry.runsChanged = true;
  }

  #touchAnswers(): void {
    if (this.#answers.size > 0) this.#answers.clear();
  }

  #mayChange(...entries: readonly Entry[]): void {
    this.#mayGoOn();
    assert(this.mode === 'write', 'a command that changes keys is declared as one');
    for (const { mapping } of entries) if (mapping !== undefined) throw new FacetError('read_only', `the key stands for a row of ${mapping.name}, which SQL and documents change`);
  }
}

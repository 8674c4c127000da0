// What a gateway remembers of keys' rows, so that PostgreSQL need not find and send them again. It is exact: nothing of it
// is told before PostgreSQL has said, in the same round trip, that no transaction has ended since but those whose changes
// are noted here. So a change by SQL, another gateway or another role is seen at once, and so is a GRANT or REVOKE: each of
// them ends a transaction that is not known here, and all is forgotten. One of these belongs to one role's store.
//
// Order is told by a clock that ticks with each change of what is known. A read carries the time at which it was sent: what
// it loaded is not noted when the key has begun to change since.

import { type Snapshot, endedBetween, hasEnded } from '../../engine/snapshot.ts';
import type { Entry } from './entry.ts';
import type { ExpiryTime } from './expiry-time.ts';
import type { Kind } from './kinds.ts';
import { keyvalueLimits } from './limits.ts';

const { knownBytes, knownChanges, knownValueBytes, knownTransactions, wariestReads } = keyvalueLimits;

/** The row of a key as it is in the store; no kind: there is no such key. */
export type KnownKey = { readonly kind: Kind | undefined; readonly value: Buffer | undefined; readonly size: number; readonly expiresAt: ExpiryTime | undefined };

/** What is noted under a key: its row, or only that it changes or has changed. One object, as there are very many. */
type Note = KnownKey & { readonly at: number; readonly state: 'known' | 'changing' | 'changed' };

const noRow = { kind: undefined, value: undefined, size: 0, expiresAt: undefined } as const;

/** A group of writes that is about to be committed. */
export type Change = { readonly at: number; readonly entries: readonly Entry[] };

/** What a note takes besides the key's name and value. */
const noteBytes = 200;

class Generation {
  readonly #spaces = new Map<number, Map<string, Note>>();
  bytes = 0;

  get(space: number, name: string): Note | undefined {
    return this.#spaces.get(space)?.get(name);
  }

  set(space: number, name: string, note: Note): void {
    let notes = this.#spaces.get(space);
    if (notes === undefined) this.#spaces.set(space, (notes = new Map()));
    notes.set(name, note);
    // A note that is replaced counts again: it only makes the generation end a little sooner.
    this.bytes += noteBytes + name.length + (note.value?.length ?? 0);
  }
}

export class KnownKeys {
  /** What was noted or used lately, and what was before: that is forgotten when the first is full. */
  #young = new Generation();
  #old = new Generation();
  /** Ticks with each change of what is known. */
  #clock = 0;
  /** When all was forgotten, or a part: what was sent before may be older than what is not known any more. */
  #forgottenAt = 0;
  /** In this snapshot, with the changes by transactions of `#own`, what is known is true. */
  #base: Snapshot | undefined;
  /** When the last of our own changes was noted that it holds. */
  #lastOfBaseAt = 0;
  /** Transactions whose changes are noted, and when they were. */
  readonly #own = new Map<number, number>();
  /** Transactions that ended and are not known, while changes were under way that may be theirs; and since when. */
  readonly #unknown = new Map<number, number>();
  readonly #underWay = new Set<Change>();
  /** Changes under way of so many keys that noting each of them would cost more than to know nothing until they have ended. */
  readonly #large = new Set<Change>();
  /** Groups of reads that go to the store, because others have lately changed it as often as it was asked. */
  #waryReads = 0;
  #foreignChanges = 0;
  /** Most keys of the last group of reads were remembered. */
  answersMost = false;

  readonly #notedKeys: number;

  /** `notedKeys`: the largest change that is noted key by key. */
  constructor({ notedKeys = knownChanges }: { readonly notedKeys?: number } = {}) {
    this.#notedKeys = notedKeys;
  }

  /** To be called for each group of reads before `find`. When it was sent; undefined: it shall not use what is known. */
  sendRead(): number | undefined {
    if (this.#large.size > 0) return undefined;
    if (this.#waryReads === 0) return this.#clock;
    this.#waryReads -= 1;
    return undefined;
  }

  /** The first snapshot has to be read before anything can be noted. */
  get lacksSnapshot(): boolean {
    return this.#base === undefined;
  }

  /** What is known of a key, to be told once it is confirmed. */
  find(space: number, name: string, nowMs: number): KnownKey | undefined {
    let note = this.#young.get(space, name);
    if (note === undefined) {
      note = this.#old.get(space, name);
      if (note?.state !== 'known') return undefined;
      this.#note(space, name, note);
    }
    return note.state !== 'known' || (note.expiresAt !== undefined && note.expiresAt <= nowMs) ? undefined : note;
  }

  /**
   * Whether all that was known when a group of reads was sent was true in a snapshot that it took. `withLoaded`: the group
   * has loaded other keys just before, which then are of the same moment; changes of our own that came in between count too.
   */
  confirm(sentAt: number, snapshot: Snapshot, withLoaded: boolean): boolean {
    if (this.#base === undefined) {
      this.#base = snapshot;
      this.#forget();
      return false;
    }
    let isSame = sentAt >= this.#forgottenAt && (!withLoaded || sentAt >= this.#lastOfBaseAt);
    for (const transaction of endedBetween(this.#base, snapshot)) {
      const notedAt = this.#own.get(transaction);
      if (notedAt === undefined) {
        if (!this.#mayBeOwn(transaction)) {
          this.#foreignChange();
          return false;
        }
        isSame = false;
      } else if (withLoaded && notedAt > sentAt) isSame = false;
    }
    if (isSame) this.#advance(snapshot);
    return isSame;
  }

  /** Notes what a group of reads has loaded. */
  learn(sentAt: number, entries: Iterable<Entry>): void {
    if (this.#base === undefined || sentAt < this.#forgottenAt) return;
    for (const entry of entries) {
      const { space, key, name } = entry;
      const noted = this.#young.get(space, name) ?? this.#old.get(space, name);
      if (entry.mapping === undefined && (noted === undefined || (noted.state !== 'changing' && noted.at <= sentAt))) {
        this.#note(space, name, noteOf(entry, key, this.#clock));
      }
    }
  }

  /** A group of writes is about to be committed: what is known of these keys may cease to be true at any moment. */
  beginChange(entries: readonly Entry[]): Change {
    const change = { at: ++this.#clock, entries };
    if (entries.length > this.#notedKeys) {
      this.#large.add(change);
      this.reset();
      return change;
    }
    this.#underWay.add(change);
    if (this.#base !== undefined) this.#noteChange(change);
    return change;
  }

  /**
   * It was committed by this transaction, or it failed, or nobody knows (undefined). A commit that is not told of here is one
   * that others have made. `others`: keys that it changed too, of which nothing is known now.
   */
  endChange(change: Change, transaction: number | undefined, others: readonly Pick<Entry, 'space' | 'name'>[] = []): void {
    if (this.#large.delete(change)) return this.reset();
    this.#underWay.delete(change);
    if (this.#base === undefined) return;
    const at = ++this.#clock;
    if (transaction !== undefined) {
      this.#unknown.delete(transaction);
      this.#own.set(transaction, at);
      // Nobody has read for long.
      if (this.#own.size > knownTransactions) return this.reset();
    }
    for (const { space, name } of others) this.#note(space, name, { ...noRow, at, state: 'changed' });
    // Others may have changed the keys since, and it was that which made all be forgotten.
    const isLast = transaction !== undefined && change.at >= this.#forgottenAt;
    for (const entry of change.entries) {
      this.#note(entry.space, entry.name, isLast ? noteOf(entry, entry.key, at) : { ...noRow, at, state: 'changed' });
    }
  }

  /** Forgets all; for a connection that was made anew: it may be another server's, or one that was restarted. */
  reset(): void {
    this.#base = undefined;
    this.#forget();
  }

  /** A change whose answer is not here yet may be the one that ended: it was under way when that was first seen. */
  #mayBeOwn(transaction: number): boolean {
    let seenAt = this.#unknown.get(transaction);
    if (seenAt === undefined) {
      if (this.#unknown.size >= this.#underWay.size) return false;
      this.#unknown.set(transaction, (seenAt = this.#clock));
    }
    for (const { at } of this.#underWay) if (at <= seenAt) return true;
    return false;
  }

  /** Others changed something. The more often they do, the longer the store is asked without using what is known. */
  #foreignChange(): void {
    this.#foreignChanges += 1;
    this.#waryReads = Math.min(2 ** this.#foreignChanges, wariestReads);
    this.reset();
  }

  #advance(snapshot: Snapshot): void {
    const base = this.#base!;
    this.#foreignChanges = 0;
    // Groups overtake each other: an earlier snapshot says nothing new.
    if (snapshot.next < base.next || snapshot.inProgress.some((transaction) => hasEnded(base, transaction))) return;
    this.#base = snapshot;
    for (const [transaction, notedAt] of this.#own) {
      if (!hasEnded(snapshot, transaction)) continue;
      this.#own.delete(transaction);
      this.#lastOfBaseAt = Math.max(this.#lastOfBaseAt, notedAt);
    }
    this.#unknown.clear();
  }

  #forget(): void {
    this.#young = new Generation();
    this.#old = new Generation();
    this.#own.clear();
    this.#unknown.clear();
    this.#forgottenAt = ++this.#clock;
    for (const change of this.#underWay) this.#noteChange(change);
  }

  /** While a change is under way, nothing is known of its keys. */
  #noteChange({ at, entries }: Change): void {
    const note: Note = { ...noRow, at, state: 'changing' };
    for (const { space, name } of entries) this.#young.set(space, name, note);
  }

  #note(space: number, name: string, note: Note): void {
    this.#young.set(space, name, note);
    if (this.#young.bytes < knownBytes / 2) return;
    this.#old = this.#young;
    this.#young = new Generation();
    this.#forgottenAt = ++this.#clock;
    for (const change of this.#underWay) this.#noteChange(change);
  }
}

/** A row in memory of its own: what it came in is larger. What is too long is not remembered. */
function noteOf({ kind, value, size, expiresAt }: Entry, key: Buffer, at: number): Note {
  const isTooLong = (kind === 'string' && (value === undefined || value.length > knownValueBytes)) || key.length > knownValueBytes;
  if (isTooLong) return { ...noRow, at, state: 'changed' };
  return { kind, value: value === undefined ? undefined : Buffer.from(value), size, expiresAt, at, state: 'known' };
}

// Which keys are likely to have rows that hold strings: this process has written them. A plain SET, which does not look at its
// key, then overwrites the value by the cheapest statement there is. It is only a guess, in bounded memory; the statement counts the
// rows that it found, and a group that guessed wrong is undone and executed again without guessing.

import type { Entry } from './entry.ts';
import { KeyDigest } from './key-digest.ts';
import { keyvalueLimits } from './limits.ts';

export class StoredStrings {
  /** By the place of a key, its mark; 0: free. Made when it is first used. */
  #digests: Uint32Array | undefined;
  #mistakes = 0;
  /** Groups that do not guess, because others change the store. */
  #waryGroups = 0;
  readonly #keyDigest = new KeyDigest();
  #place = 0;
  #digest = 0;

  /**
   * Marks the entries of keys that were not looked for as strings, if all of them are likely to be; true if there are any. With
   * some that are not, one statement for all is cheaper than one for these and one for those.
   */
  guess(entries: readonly Entry[]): boolean {
    const digests = this.#digests;
    if (digests === undefined) return false;
    if (this.#waryGroups > 0) {
      this.#waryGroups -= 1;
      return false;
    }
    const unseen = entries.filter(({ stored }) => stored === 'unknown');
    for (const entry of unseen) {
      this.#locate(entry);
      if (digests[this.#place] !== this.#digest) return false;
    }
    for (const entry of unseen) entry.storedKind = 'string';
    return unseen.length > 0;
  }

  /** After the commit of what these entries were changed to. One that expires may be taken out of the store at any moment. */
  learn(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const isString = entry.kind === 'string' && entry.expiresAt === undefined;
      // What was guessed was true.
      if (isString && entry.stored === 'unknown' && entry.storedKind === 'string') this.#mistakes = 0;
      else if (isString) {
        this.#locate(entry);
        this.#digests ??= new Uint32Array(keyvalueLimits.stringsKnown);
        this.#digests[this.#place] = this.#digest;
      } else if (this.#digests !== undefined) {
        this.#locate(entry);
        if (this.#digests[this.#place] === this.#digest) this.#digests[this.#place] = 0;
      }
    }
  }

  /** A guess was wrong: somebody else has changed the store. The more often that happens, the longer nothing is guessed. */
  noteMistake(): void {
    this.#mistakes += 1;
    this.#waryGroups = Math.min(2 ** this.#mistakes, keyvalueLimits.wariestGroups);
    this.forgetAll();
  }

  forgetAll(): void {
    this.#digests?.fill(0);
  }

  #locate({ space, key }: Entry): void {
    this.#keyDigest.read(space, key);
    this.#place = this.#keyDigest.place % keyvalueLimits.stringsKnown;
    this.#digest = this.#keyDigest.mark || 1;
  }
}

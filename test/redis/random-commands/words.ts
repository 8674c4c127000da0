// Words that random commands are made of: few keys and members, so that they meet; numbers at the edges, and what is no number.

import type { Random } from '../../acid/torture/random.ts';

export type Words = readonly string[];

const keys = ['s1', 's2', 'n1', 'l1', 'l2', 'h1', 'h2', 'e1', 'e2', 'z1', 'z2', 'none', 'x1'];
const members = ['a', 'b', 'c', 'd', '1', '2', '10', '-3', '', 'aa', 'B', '3.5', 'hello world', '\xff\0'];
const smallIntegers = ['0', '1', '2', '-1', '-2', '3', '5', '10', '100', '-100'];
const oddIntegers = ['9223372036854775807', '-9223372036854775808', '9223372036854775808', 'x', '', '1.5', '+1', ' 1', '007', '2147483648', '4294967296'];
const plainScores = ['0', '1', '1.5', '-2.25', '10', '5'];
const oddScores = ['3e2', 'inf', '-inf', '+inf', 'nan', '(1', '(2.5', 'x', '', '1e400', '0x10', '-0'];
const lexBounds = ['-', '+', '[a', '(a', '[c', '(d', '[', '(', 'x', '[aa', ''];
/** Far enough away not to pass during a test, or long past. */
const lifetimes = ['100000', '1000000', '-1', '0', 'x', '9223372036854775807', '10000000000', '9223372036854775', '-9223372036854775808'];
const moments = ['1', '9999999999', '99999999999999', '9007199254740993', 'x', '-5', '0', '9223372036854775', '9223372036854775807'];

export class RandomWords {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  key = (): string => this.oneOf(keys);
  member = (): string => this.oneOf(members);
  integer = (): string => this.oneOf(this.isTrue(0.8) ? smallIntegers : oddIntegers);
  score = (): string => this.oneOf(this.isTrue(0.8) ? plainScores : oddScores);
  lexBound = (): string => this.oneOf(lexBounds);
  lifetime = (): string => this.oneOf(lifetimes);
  moment = (): string => this.oneOf(moments);

  oneOf<T>(choices: readonly T[]): T {
    return this.#random.oneOf(choices);
  }

  isTrue(probability: number): boolean {
    return this.#random.between(1, 1000) <= probability * 1000;
  }

  /** From `least` to `most` words. */
  some(word: () => string, least: number, most: number): Words {
    return Array.from({ length: this.#random.between(least, most) }, word);
  }

  /** One to three of them. */
  several(word: () => string): Words {
    return this.some(word, 1, 3);
  }

  pairs(first: () => string, second: () => string): Words {
    return this.some(() => '', 1, 3).flatMap(() => [first(), second()]);
  }

  /** Some of these options, in this order. */
  options(...options: readonly Words[]): Words {
    return options.filter(() => this.isTrue(0.35)).flat();
  }

  /** Keys behind their number, which is now and then wrong. */
  countedKeys(): Words {
    const counted = this.several(this.key);
    return [this.isTrue(0.9) ? String(counted.length) : this.integer(), ...counted];
  }
}

// Values of C's library (glibc 2.36), and what holds for any argument.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { acos, acosh, asin, asinh, atan, atan2, cos, cosh, exp, log, log10, pow, sin, tan } from './double-functions.ts';

type Row = readonly [apply: (x: number) => number, argument: number, result: number];

const rows: readonly Row[] = [
  [log, 3, 1.0986122886681098],
  [log, 1, 0],
  [log, 1 + Number.EPSILON, 2.2204460492503128e-16],
  [log, 5e-324, -744.4400719213812],
  [log, Number.MAX_VALUE, 709.782712893384],
  [log, 0, -Infinity],
  [log, -1, Number.NaN],
  [log10, 1000, 3],
  [log10, 1.5, 0.17609125905568124],
  [log10, 1e-5, -5],
  [log10, 5e-324, -323.3062153431158],
  [exp, 1, 2.718281828459045],
  [exp, -9.957878932977787, 0.0000473530686329617],
  [exp, 709.782712893384, 1.7976931348622732e308],
  [exp, 710, Infinity],
  [exp, -746, 0],
  [exp, -Infinity, 0],
  [sin, 2.5, 0.5984721441039565],
  [sin, Math.PI, 1.2246467991473532e-16],
  [sin, -0, -0],
  [sin, 1e300, -0.8178819121159085],
  [sin, Number.MAX_VALUE, 0.004961954789184062],
  [sin, 6.8301540126604845e131, 0.19587232952845782],
  [cos, 215689299818253.25, 0.5723902324542104],
  [cos, 0.1, 0.9950041652780258],
  [cos, 90, -0.4480736161291701],
  [cos, Math.PI / 2, 6.123233995736766e-17],
  [tan, 4, 1.1578212823495775],
  [tan, Math.PI / 2, 16331239353195370],
  [asin, 0.5476079809602563, 0.5795028013369715],
  [asin, 1, 1.5707963267948966],
  [acos, 0.3011160858668376, 1.264933481301745],
  [acos, 2, Number.NaN],
  [atan, 3.141592653589793, 1.2626272556789118],
  [atan, 1e300, 1.5707963267948966],
  [cosh, -9.388200339328929, 5973.290133834308],
  [cosh, 710, 1.1169973830808557e308],
  [asinh, 2.469789055950102, 1.635952264707311],
  [asinh, -1e300, -691.4686750787736],
  [acosh, 3, 1.762747174039086],
  [acosh, 0, Number.NaN],
];

describe('functions of one double', () => {
  for (const [apply, argument, result] of rows) test(`${apply.name}(${argument})`, () => assert.equal(apply(argument), result));
});

/** Base, exponent, result. */
const powers: readonly (readonly [number, number, number])[] = [
  [10, -20, 1e-20],
  [43.805448447864485, 10, 26018443174610068],
  [2, 0.5, 1.4142135623730951],
  [-2, 3, -8],
  [-8, 1 / 3, Number.NaN],
  [0.1, 2, 0.010000000000000002],
  [2, -1_074, 5e-324],
  [10, 308, 1e308],
  [10, 309, Infinity],
  [-1, Infinity, 1],
  [1, Number.NaN, 1],
  [0, -1, Infinity],
];

describe('powers', () => {
  for (const [base, exponent, result] of powers) test(`pow(${base}, ${exponent})`, () => assert.equal(pow(base, exponent), result));
});

test('angles of points', () => {
  assert.equal(atan2(4.680059250189904, -2.8256621482614763), 2.1139805785977956);
  assert.equal(atan2(0, -1), Math.PI);
  assert.equal(atan2(4.437455080089204e-58, -3.5292075249185764e-76), Math.PI / 2);
  assert.equal(atan2(1e300, 1e300), Math.PI / 4);
  assert.ok(Object.is(atan2(-0, 1), -0));
});

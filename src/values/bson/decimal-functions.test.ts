// The functions of decimal128 against what MongoDB's own tests and manual say that they give, to the last digit.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { acosDecimal, asinDecimal, atan2Decimal, atanDecimal, cosDecimal, sinDecimal, tanDecimal } from './decimal-angles.ts';
import {
  acoshDecimal, asinhDecimal, atanhDecimal, coshDecimal, expDecimal, lnDecimal, log10Decimal, log2Decimal, powDecimal, sinhDecimal, tanhDecimal,
} from './decimal-exponentials.ts';
import { decimalFromString, decimalToString, divideDecimal, fusedMultiplyAddDecimal, multiplyDecimal } from './decimal.ts';
import type { Decimal128 } from './types.ts';

function decimal(text: string): Decimal128 {
  const value = decimalFromString(text);
  assert.ok(value, text);
  return value;
}

type Unary = (value: Decimal128) => Decimal128;

/** Function, argument, result. */
const unaryRows: readonly (readonly [Unary, string, string])[] = [
  [lnDecimal, '1', '0'],
  [lnDecimal, '2.5', '0.9162907318741550651835272117680110'],
  [lnDecimal, '7', '1.945910149055313305105352743443180'],
  [lnDecimal, '2.718281828459045235360287471352662', '0.9999999999999999999999999999999998'],
  [lnDecimal, '0.3678794411714423215955237701614609', '-0.9999999999999999999999999999999998'],
  [lnDecimal, '-1', 'NaN'],
  [lnDecimal, '0', '-Infinity'],
  [log10Decimal, '2.5', '0.3979400086720376095725222105510140'],
  [log10Decimal, '11', '1.041392685158225040750199971243024'],
  [log10Decimal, '100', '2'],
  [log10Decimal, '101', '2.004321373782642574275188178222938'],
  [log10Decimal, '1E-6000', '-6000'],
  [log2Decimal, '8', '3'],
  [log2Decimal, '0.125', '-3'],
  [expDecimal, '0', '1'],
  [expDecimal, '1', '2.718281828459045235360287471352662'],
  [expDecimal, '-1', '0.3678794411714423215955237701614609'],
  [expDecimal, '20000', 'Infinity'],
  [expDecimal, '-20000', '0E-6176'],
  [expDecimal, '-Infinity', '0'],
  [sinDecimal, '0.9272952180016122324285124629224288', '0.8000000000000000000000000000000000'],
  [sinDecimal, '0E+3', '0E+3'],
  [sinDecimal, '1E-60', '1.000000000000000000000000000000000E-60'],
  [cosDecimal, '0.9272952180016122324285124629224288', '0.6000000000000000000000000000000000'],
  [cosDecimal, '0', '1.000000000000000000000000000000000'],
  [tanDecimal, '0.9272952180016122324285124629224288', '1.333333333333333333333333333333333'],
  [tanDecimal, '-0', '-0E-40'],
  [asinDecimal, '0', '0E-40'],
  [asinDecimal, '1', '1.570796326794896619231321691639751'],
  [asinDecimal, '1.5', 'NaN'],
  [acosDecimal, '0', '1.570796326794896619231321691639751'],
  [acosDecimal, '1', '0E-6176'],
  [acosDecimal, '-1', '3.141592653589793238462643383279503'],
  [atanDecimal, '0', '0'],
  [atanDecimal, '-Infinity', '-1.570796326794896619231321691639751'],
  [sinhDecimal, '0.9272952180016122324285124630648358', '1.066020404405732132503284522731829'],
  [sinhDecimal, '0', '0E-40'],
  [coshDecimal, '0', '1.000000000000000000000000000000000'],
  [coshDecimal, '-Infinity', 'Infinity'],
  [coshDecimal, '14140', '4.197049741661839673394593323364300E+6140'],
  [tanhDecimal, '100', '1'],
  [tanhDecimal, '-0', '-0'],
  [asinhDecimal, '-0', '-0E-6176'],
  [acoshDecimal, '1', '0'],
  [acoshDecimal, '0.5', 'NaN'],
  [atanhDecimal, '1', 'Infinity'],
  [atanhDecimal, '0', '0E-6176'],
  [atanhDecimal, '1E-60', '1E-60'],
];

describe('functions of one decimal', () => {
  for (const [apply, argument, result] of unaryRows) {
    test(`${apply.name} of ${argument}`, () => assert.equal(decimalToString(apply(decimal(argument))), result));
  }
});

/** Base, exponent, result. */
const powerRows: readonly (readonly [string, string, string])[] = [
  ['10.0', '-2', '0.01000000000000000000000000000000000'],
  ['0.5', '-1', '2.000000000000000000000000000000000'],
  ['-2', '3', '-8.000000000000000000000000000000000'],
  ['5', '-112', '5.192296858534827628530496329220096E-79'],
  ['2', '0.5', '1.414213562373095048801688724209698'],
  ['2', '12000', '2.290593203500326442498254071102878E+3612'],
  ['10', '6144', '1.000000000000000000000000000000000E+6144'],
  ['10', '6145', 'Infinity'],
  ['0', '2', '0E-6176'],
  ['7', '0', '1.000000000000000000000000000000000'],
  ['-2', '0.5', 'NaN'],
];

describe('powers', () => {
  for (const [base, exponent, result] of powerRows) {
    test(`${base} to the power of ${exponent}`, () => assert.equal(decimalToString(powDecimal(decimal(base), decimal(exponent))), result));
  }
});

/** Ordinate, abscissa, angle. */
const angleRows: readonly (readonly [string, string, string])[] = [
  ['1', '1', '0.7853981633974483096156608458198757'],
  ['-1', '-2', '-2.677945044588987122248387151818289'],
  ['0', '5', '0E-6176'],
  ['-0', '-0', '-3.141592653589793238462643383279503'],
  ['3', '0', '1.570796326794896619231321691639751'],
  ['Infinity', 'Infinity', '0.785398163397448309615660845819876'],
  ['Infinity', '-Infinity', '2.356194490192344928846982537459627'],
  ['1E-50', '2', '5E-51'],
  ['NaN', '1', 'NaN'],
];

describe('angles of points', () => {
  for (const [y, x, angle] of angleRows) {
    test(`of (${x}, ${y})`, () => assert.equal(decimalToString(atan2Decimal(decimal(y), decimal(x))), angle));
  }
});

test('logarithms to other bases are quotients', () => {
  const quotient = divideDecimal(lnDecimal(decimal('2.5')), lnDecimal(decimal('12.77')));
  assert.equal(decimalToString(quotient), '0.3597390013391846393309152124110717');
});

test('a fused product and sum is rounded once', () => {
  const third = decimal('0.3333333333333333333333333333333333');
  const square = multiplyDecimal(third, third);
  const fused = fusedMultiplyAddDecimal(third, third, decimal(`-${decimalToString(square)}`));
  assert.equal(decimalToString(fused), '-1.111111111111111111111111111111111E-35');
});

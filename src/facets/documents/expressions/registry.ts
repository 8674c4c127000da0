// Every operator of expressions, by family.

import type { Operator } from './expression.ts';
import { accumulationOperators } from './operators/accumulation.ts';
import { arithmeticOperators } from './operators/arithmetic.ts';
import { arrayOperators } from './operators/array.ts';
import { bitwiseOperators } from './operators/bitwise.ts';
import { booleanOperators } from './operators/boolean.ts';
import { comparisonOperators } from './operators/comparison.ts';
import { conditionalOperators } from './operators/conditional.ts';
import { conversionOperators } from './operators/conversion.ts';
import { dateArithmeticOperators } from './operators/date-arithmetic.ts';
import { dateOperators } from './operators/date.ts';
import { iterationOperators } from './operators/iteration.ts';
import { miscellaneousOperators } from './operators/miscellaneous.ts';
import { objectOperators } from './operators/object.ts';
import { regexOperators } from './operators/regex.ts';
import { setOperators } from './operators/set.ts';
import { stringOperators } from './operators/string.ts';
import { trigonometryOperators } from './operators/trigonometry.ts';
import { variableOperators } from './operators/variable.ts';

export const operatorFamilies: readonly (readonly Operator[])[] = [
  accumulationOperators, arithmeticOperators, arrayOperators, bitwiseOperators, booleanOperators, comparisonOperators, conditionalOperators,
  conversionOperators, dateArithmeticOperators, dateOperators, iterationOperators, miscellaneousOperators, objectOperators, regexOperators,
  setOperators, stringOperators, trigonometryOperators, variableOperators,
];

/** Every operator by its name, `$` included. */
export const operatorsByName: ReadonlyMap<string, Operator> = new Map(operatorFamilies.flat().map((operator) => [operator.name, operator]));

// $linearFill and $locf: values for documents that have none.

import { compareValues } from '../../../../values/bson/compare.ts';
import { isNumeric, type Maybe } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { isDateLike, isNullish, typeNameOfMaybe } from '../../expressions/coercions.ts';
import { add, divide, multiply, subtract } from '../../expressions/operators/arithmetic.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { type ParseWindowFunction, readWithoutWindow } from './window-function.ts';

type Point = { readonly x: Maybe; readonly y: Maybe };

export const linearFill: ParseWindowFunction = (specification, { expressions, sortBy }) => {
  const { evaluate } = readWithoutWindow('$linearFill', specification, (argument) => parseExpression(argument, expressions));
  if (sortBy?.length !== 1) throw new DocumentError(605_001, '$linearFill must be specified with a top level sortBy expression with exactly one element');
  return ({ scopes, positions }) => {
    const values = scopes.map((scope) => evaluate(scope));
    const points = positions.map((x, index): Point => ({ x, y: values[index] }));
    let before: Point | undefined;
    let after: number | undefined;
    return points.map((point, index) => {
      assertValue(point.y);
      assertPosition(point.x, index === 0 ? undefined : { last: positions[index - 1] });
      if (!isNullish(point.y)) {
        before = point;
        return point.y;
      }
      if (before === undefined) return null;
      if (after === undefined || after < index) after = nextKnown(points, index);
      return after === Infinity ? null : interpolate(before, points[after]!, point.x);
    });
  };
};

/** The place of the next point that has both; Infinity where there is none. */
function nextKnown(points: readonly Point[], index: number): number {
  const found = points.findIndex(({ x, y }, at) => at > index && !isNullish(y) && !isNullish(x));
  return found < 0 ? Infinity : found;
}

function interpolate(a: Point, b: Point, x: Maybe): Maybe {
  return add(a.y, multiply(subtract(x, a.x), divide(subtract(b.y, a.y), subtract(b.x, a.x))));
}

/** Throws DocumentError: TypeMismatch. */
function assertValue(value: Maybe): void {
  if (isNumeric(value) || isNullish(value)) return;
  throw new DocumentError('TypeMismatch', `Value to be filled must be numeric or nullish, but found ${typeNameOfMaybe(value)}`);
}

/** Throws DocumentError: TypeMismatch, 6050106. */
function assertPosition(position: Maybe, previous: { readonly last: Maybe } | undefined): void {
  if (!isNumeric(position) && !isDateLike(position)) throw new DocumentError('TypeMismatch', `Value of the sortBy field must be numeric or a date, but found ${typeNameOfMaybe(position)}`);
  if (previous === undefined) return;
  const { last } = previous;
  if (compareValues(position, last) === 0) throw new DocumentError(6_050_106, 'There can be no repeated values in the sort field');
  if (isNumeric(position) === isNumeric(last)) return;
  throw new DocumentError('TypeMismatch', `Conflicting sort value types, previously received type ${typeNameOfMaybe(last)}, but found ${typeNameOfMaybe(position)}`);
}

/** "Last observation carried forward". */
export const locf: ParseWindowFunction = (specification, { expressions }) => {
  const { evaluate } = readWithoutWindow('$locf', specification, (argument) => parseExpression(argument, expressions));
  return ({ scopes }) => {
    let last: Maybe = null;
    return scopes.map((scope) => {
      const value = evaluate(scope);
      if (!isNullish(value)) last = value;
      return last;
    });
  };
};

// $linearFill and $locf: values for documents that have none.

import { compareValues } from '../../../../values/bson/compare.ts';
import { isNumeric, type Maybe } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { isDateLike, isNullish, typeNameOfMaybe } from '../../expressions/coercions.ts';
import { add, divide, multiply, subtract } from '../../expressions/operators/arithmetic.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { type ParseWindowFunction, type Partition, readWithoutWindow } from './window-function.ts';

type Point = { readonly x: Maybe; readonly y: Maybe };

export const linearFill: ParseWindowFunction = (specification, { expressions, sortBy }) => {
  const { evaluate } = readWithoutWindow('$linearFill', specification, (argument) => parseExpression(argument, expressions));
  if (sortBy?.length !== 1) throw new DocumentError(605_001, '$linearFill must be specified with a top level sortBy expression with exactly one element');
  return {
    input: evaluate,
    *results(partition) {
      const { positions, count, inputAt } = partition;
      let before: Point | undefined;
      let after: number | undefined;
      for (let index = 0; index < count; index += 1) {
        const point: Point = { x: positions[index], y: inputAt(index) };
        assertValue(point.y);
        assertPosition(point.x, index === 0 ? undefined : { last: positions[index - 1] });
        if (!isNullish(point.y)) {
          before = point;
          yield point.y;
        } else if (before === undefined) {
          yield null;
        } else {
          if (after === undefined || after < index) after = nextKnown(partition, index);
          yield after === count ? null : interpolate(before, { x: positions[after], y: inputAt(after) }, point.x);
        }
      }
    },
  };
};

/** The place of the next point that has both; the partition's end where there is none. */
function nextKnown({ positions, count, inputAt }: Partition, index: number): number {
  let place = index + 1;
  while (place < count && (isNullish(positions[place]) || isNullish(inputAt(place)))) place += 1;
  return place;
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
  return {
    input: evaluate,
    *results({ count, inputAt }) {
      let last: Maybe = null;
      for (let index = 0; index < count; index += 1) {
        const value = inputAt(index);
        if (!isNullish(value)) last = value;
        yield last;
      }
    },
  };
};

// A field of $group and of $bucketAuto's output: `name: {$accumulator: argument}`.

import type { Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import type { ParseContext } from '../../expressions/expression.ts';
import type { Accumulation } from './accumulator.ts';
import { accumulatorsByName } from './registry.ts';

/** Throws DocumentError: 40234, 40235, 40236, 40238, 15952, and those of the accumulator. */
export function parseAccumulation(field: string, specification: Value, context: ParseContext): Accumulation {
  const [first] = specification instanceof Map ? [...specification] : [];
  if (!(specification instanceof Map) || !first?.[0].startsWith('$')) throw new DocumentError(40234, `The field '${field}' must be an accumulator object`);
  if (field.includes('.')) throw new DocumentError(40235, `The field name '${field}' cannot contain '.'`);
  if (field.startsWith('$')) throw new DocumentError(40236, `The field name '${field}' cannot be an operator name`);
  if (specification.size !== 1) throw new DocumentError(40238, `The field '${field}' must specify one accumulator`);
  const [operator, argument] = first;
  const kind = accumulatorsByName.get(operator);
  if (!kind) throw new DocumentError(15952, `unknown group operator '${operator}'`);
  return { ...kind.parse(argument, context), field, operator };
}

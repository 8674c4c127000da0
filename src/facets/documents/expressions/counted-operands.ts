// The operands `n` and `input` of $firstN, $lastN, $maxN and $minN, as operators and accumulators.

import type { Maybe, Value } from '../../../values/bson/types.ts';
import { isNumeric } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import { coerceToLong, toDouble } from './coercions.ts';
import type { Expression, ParseContext } from './expression.ts';
import { parseExpression } from './parse.ts';
import { shellText, valueText } from './shell-text.ts';

/** Throws DocumentError: `notAnObject` (5787801 or 5787900), 5787901, 5787906, 5787907. */
export function parseCountAndInput(name: string, argument: Value, context: ParseContext, notAnObject: number): { count: Expression; input: Expression } {
  if (!(argument instanceof Map)) throw new DocumentError(notAnObject, `specification must be an object; found ${name}: ${shellText(argument)}`);
  let count: Expression | undefined;
  let input: Expression | undefined;
  for (const [field, value] of argument) {
    if (field === 'input') input = parseExpression(value, context);
    else if (field === 'n') count = parseExpression(value, context);
    else throw new DocumentError(5787901, `Unknown argument for 'n' operator: ${field}`);
  }
  if (!count) throw new DocumentError(5787906, "Missing value for 'n'");
  if (!input) throw new DocumentError(5787907, "Missing value for 'input'");
  return { count, input };
}

/** The value of `n`, of $topN too. Throws DocumentError: 5787902, 5787903, 5787908, 31109 beyond 64 bits. */
export function countOf(n: Maybe): number {
  if (!isNumeric(n)) throw notIntegral(5787902, n);
  const count = coerceToLong(n);
  if (Number(count) !== toDouble(n)) throw notIntegral(5787903, n);
  if (count <= 0n) throw new DocumentError(5787908, `'n' must be greater than 0, found ${count}`);
  return Number(count);
}

function notIntegral(code: number, n: Maybe): DocumentError {
  return new DocumentError(code, `Value for 'n' must be of integral type, but found ${valueText(n)}`);
}

// Regular expressions of filters.

import { compileRegularExpression } from '../regular-expressions/compile.ts';
import type { Pattern } from './filter.ts';

/** Throws DocumentError: BadValue, 51091 for what is no regular expression, 51108 for unknown options. */
export function checkedPattern(pattern: string, options: string): Pattern {
  compileRegularExpression(pattern, options);
  return { pattern, options };
}

/** Whether a text has the pattern anywhere. */
export function textPredicate({ pattern, options }: Pattern): (text: string) => boolean {
  const expression = compileRegularExpression(pattern, options);
  return (text) => expression.test(text);
}

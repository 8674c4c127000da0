// Numbers in a URL, which are texts there: decimal digits only. `Number` would take "0x10", "1e2", " 1" and "" too.

import { z } from 'zod';

/** "20". The schema says which whole numbers. */
export function wholeNumber(schema: z.ZodNumber): z.ZodPreprocess<z.ZodNumber> {
  return textOf(/^-?\d+$/, schema);
}

/** "20", "0.5". */
export function decimalNumber(schema: z.ZodNumber): z.ZodPreprocess<z.ZodNumber> {
  return textOf(/^-?\d+(?:\.\d+)?$/, schema);
}

/** Another text stays one, which the schema refuses. */
function textOf(pattern: RegExp, schema: z.ZodNumber): z.ZodPreprocess<z.ZodNumber> {
  return z.preprocess((text) => (typeof text === 'string' && pattern.test(text) ? Number(text) : text), schema);
}

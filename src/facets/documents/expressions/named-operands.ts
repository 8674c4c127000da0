// Operators whose argument is an object of named operands: `{$trim: {input, chars}}`.

import type { Value } from '../../../values/bson/types.ts';
import { typeNameOf } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { Evaluate, Expression, ParseContext } from './expression.ts';
import { parseExpression } from './parse.ts';

export type NamedOperands = {
  /** Throws DocumentError with `code` and `text` where it was not given. */
  readonly required: (name: string, code: number | 'FailedToParse', text: string) => Expression;
  readonly optional: (name: string) => Expression | undefined;
  /** The operator over these operands, evaluated beforehand where all of them are constants. */
  readonly expression: (operator: string, evaluate: Evaluate) => Expression;
};

export type OperandNames = {
  readonly names: readonly string[];
  /** The error for an argument that is no object; takes the name of its type. */
  readonly notAnObject: (type: string) => DocumentError;
  /** The error for a field that is none of `names`. */
  readonly unknown: (field: string) => DocumentError;
};

/** The operands by name, each parsed as an expression. Throws DocumentError: those given, those of parsing. */
export function parseNamedOperands(argument: Value, context: ParseContext, { names, notAnObject, unknown }: OperandNames): NamedOperands {
  if (!(argument instanceof Map)) throw notAnObject(typeNameOf(argument));
  const operands = new Map<string, Expression>();
  for (const [name, value] of argument) {
    if (!names.includes(name)) throw unknown(name);
    operands.set(name, parseExpression(value, context));
  }
  return {
    required: (name, code, text) => {
      const operand = operands.get(name);
      if (!operand) throw new DocumentError(code, text);
      return operand;
    },
    optional: (name) => operands.get(name),
    expression: (name, evaluate) => ({ evaluate, operator: { name, operands: [...operands.values()] } }),
  };
}

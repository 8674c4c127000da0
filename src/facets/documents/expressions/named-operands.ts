// Operators whose argument is an object of named operands: `{$trim: {input, chars}}`.

import { assert } from '../../../kernel/assert.ts';
import type { Value } from '../../../values/bson/types.ts';
import { typeNameOf } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { Evaluate, Expression, ParseContext } from './expression.ts';
import { parseExpression } from './parse.ts';

export type NamedOperands = {
  /** Throws DocumentError with `code` and `text` where it was not given. */
  readonly required: (name: string, code: number | 'FailedToParse', text: string) => Expression;
  /** One of those that `assertComplete` asks for. */
  readonly given: (name: string) => Expression;
  readonly optional: (name: string) => Expression | undefined;
  /** The operator over these operands, evaluated beforehand where all of them are constants. */
  readonly expression: (operator: string, evaluate: Evaluate) => Expression;
};

/** Whether one of the operands is there. */
export type HasOperand = (...names: string[]) => boolean;

export type OperandNames = {
  readonly names: readonly string[];
  /** The error for an argument that is no object; takes the name of its type. */
  readonly notAnObject: (type: string) => DocumentError;
  /** The error for a field that is none of `names`. */
  readonly unknown: (field: string) => DocumentError;
  /** Of operators that look at all names before they parse any operand: what is missing comes before the operands' own errors. Throws DocumentError. */
  readonly assertComplete?: (has: HasOperand) => void;
};

/** The operands by name, each parsed as an expression. Throws DocumentError: those given, those of parsing. */
export function parseNamedOperands(argument: Value, context: ParseContext, { names, notAnObject, unknown, assertComplete }: OperandNames): NamedOperands {
  if (!(argument instanceof Map)) throw notAnObject(typeNameOf(argument));
  const operands = new Map<string, Expression>();
  if (assertComplete) {
    const stranger = [...argument.keys()].find((name) => !names.includes(name));
    if (stranger !== undefined) throw unknown(stranger);
    assertComplete((...wanted) => wanted.some((name) => argument.has(name)));
  }
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
    given: (name) => {
      const operand = operands.get(name);
      assert(operand !== undefined, `assertComplete asks for ${name}`);
      return operand;
    },
    optional: (name) => operands.get(name),
    expression: (name, evaluate) => ({ evaluate, operator: { name, operands: [...operands.values()] } }),
  };
}

/** For `assertComplete`: each of these names is needed, else its error. */
export function allOf(errors: readonly (readonly [name: string, code: number, text: string])[]): (has: HasOperand) => void {
  return (has) => {
    for (const [name, code, text] of errors) {
      if (!has(name)) throw new DocumentError(code, text);
    }
  };
}

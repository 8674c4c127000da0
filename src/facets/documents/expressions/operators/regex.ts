// $regexMatch, $regexFind and $regexFindAll. Source: MongoDB's manual, and its server for the codes.

import type { Document, Maybe, Value } from '../../../../values/bson/types.ts';
import { int32, RegularExpression } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import type { CompiledRegularExpression } from '../../regular-expressions/compile.ts';
import { compileForCaptures } from '../../regular-expressions/compile.ts';
import type { Match } from '../../regular-expressions/match.ts';
import { characterLength } from '../../regular-expressions/match.ts';
import { RegularExpressionSyntaxError } from '../../regular-expressions/syntax-error.ts';
import { isNullish } from '../coercions.ts';
import type { Evaluate, Expression, ExpressionExample, Operator, ParseContext, SpecialOperator } from '../expression.ts';
import { parseNamedOperands } from '../named-operands.ts';
import { countCodePoints } from './string.ts';

type RegexOperator = {
  readonly name: string;
  readonly find: (compiled: CompiledRegularExpression, input: string) => Value;
  /** Where the input or the pattern is null. */
  readonly ofNull: () => Value;
  readonly examples: readonly ExpressionExample[];
};

/** Throws DocumentError: 31022 to 31024 and 51103 while parsing, 51104 to 51111 and 51156 while evaluating. */
function regexOperator({ name, find, ofNull, examples }: RegexOperator): SpecialOperator {
  return {
    name,
    parse: (argument, context) => {
      const operands = parseNamedOperands(argument, context, {
        names: ['input', 'regex', 'options'],
        notAnObject: (type) => new DocumentError(51103, `${name} expects an object of named arguments but found: ${type}`),
        unknown: (field) => new DocumentError(31024, `${name} found an unknown argument: ${field}`),
      });
      const input = operands.required('input', 31022, `${name} requires 'input' parameter`);
      const regex = operands.required('regex', 31023, `${name} requires 'regex' parameter`);
      const options = operands.optional('options');
      const constant = compileConstant(name, regex, options, context);
      const evaluate: Evaluate = (scope) => {
        const text = input.evaluate(scope);
        assertInput(name, text);
        const compiled = constant ? constant.compiled : compile(name, regex.evaluate(scope), options?.evaluate(scope));
        return compiled && typeof text === 'string' ? find(compiled, text) : ofNull();
      };
      return { evaluate };
    },
    examples: [...examples, ...misuses(name)],
  };
}

function misuses(name: string): ExpressionExample[] {
  return [
    { expression: `{"${name}": {"regex": "a"}}`, error: 31022 },
    { expression: `{"${name}": {"input": "a"}}`, error: 31023 },
    { expression: `{"${name}": {"input": "a", "regex": "a", "x": 1}}`, error: 31024 },
    { expression: `{"${name}": ["a", "a"]}`, error: 51103 },
    { expression: `{"${name}": {"input": 1, "regex": "b"}}`, error: 51104 },
    { expression: `{"${name}": {"input": "a", "regex": 1}}`, error: 51105 },
    { expression: `{"${name}": {"input": "a", "regex": null, "options": 1}}`, error: 51106 },
    { expression: `{"${name}": {"input": "a", "regex": {"$regularExpression": {"pattern": "a", "options": "i"}}, "options": ""}}`, error: 51107 },
    { expression: `{"${name}": {"input": "a", "regex": "a", "options": "q"}}`, error: 51108 },
    { expression: `{"${name}": {"input": "a", "regex": "a\\u0000"}}`, error: 51109 },
    { expression: `{"${name}": {"input": "a", "regex": null, "options": "\\u0000"}}`, error: 51110 },
    { expression: `{"${name}": {"input": "a", "regex": "("}}`, error: 51111 },
    ...['a**', '(?<=a+)b', '[\\\\w-a]'].map((regex) => ({ expression: `{"${name}": {"input": "a", "regex": "${regex}"}}`, error: 51_111 })),
    // A constant pattern fails even where it would not be evaluated, a constant input only where it is.
    { expression: `{"$and": ["$none", {"${name}": {"input": "$none", "regex": "("}}]}`, error: 51111 },
    { expression: `{"$and": ["$none", {"${name}": {"input": 1, "regex": "a"}}]}`, result: 'false' },
  ];
}

/** Compiled while parsing, when both are constants; what is wrong with them is told even if no document is matched. */
function compileConstant(name: string, regex: Expression, options: Expression | undefined, context: ParseContext): { compiled: CompiledRegularExpression | undefined } | undefined {
  if (!regex.constant || (options && !options.constant)) return undefined;
  try {
    return { compiled: compile(name, regex.constant.value, options?.constant?.value) };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    context.slots.foldingError ??= error;
    return undefined;
  }
}

function assertInput(name: string, input: Maybe): void {
  if (typeof input !== 'string' && !isNullish(input)) throw new DocumentError(51104, `${name} needs 'input' to be of type string`);
}

/** Nothing where the pattern is null. */
function compile(name: string, regex: Maybe, options: Maybe): CompiledRegularExpression | undefined {
  if (!isNullish(regex) && typeof regex !== 'string' && !(regex instanceof RegularExpression)) {
    throw new DocumentError(51105, `${name} needs 'regex' to be of type string or regex`);
  }
  if (!isNullish(options) && typeof options !== 'string') throw new DocumentError(51106, `${name} needs 'options' to be of type string`);
  if (regex instanceof RegularExpression && regex.options !== '' && !isNullish(options)) {
    throw new DocumentError(51107, `${name}: found regex option(s) specified in both 'regex' and 'option' fields`);
  }
  const pattern = regex instanceof RegularExpression ? regex.pattern : regex;
  const letters = typeof options === 'string' ? options : regex instanceof RegularExpression ? regex.options : '';
  if (typeof pattern === 'string' && pattern.includes('\0')) throw new DocumentError(51109, `${name}: regular expression cannot contain an embedded null byte`);
  if (letters.includes('\0')) throw new DocumentError(51110, `${name}: regular expression options cannot contain an embedded null byte`);
  return typeof pattern === 'string' ? compilePattern(name, pattern, letters) : undefined;
}

function compilePattern(name: string, pattern: string, options: string): CompiledRegularExpression {
  try {
    return compileForCaptures(pattern, options, name);
  } catch (error) {
    if (!(error instanceof RegularExpressionSyntaxError)) throw error;
    throw new DocumentError(51111, `Invalid Regex in ${name}: ${error.message}`, { cause: error });
  }
}

/** `index` counts code points. */
function matchDocument(input: string, { start, end, captures }: Match, index: number): Document {
  return new Map<string, Value>([
    ['match', input.slice(start, end)],
    ['idx', int32(index)],
    ['captures', captures.map((text) => text ?? null)],
  ]);
}

function findFirst(compiled: CompiledRegularExpression, input: string): Value {
  const match = compiled.find(input, 0);
  return match ? matchDocument(input, match, countCodePoints(input.slice(0, match.start))) : null;
}

/** In bytes, of the matches of one text. */
const maxOutput = 64 * 1_024 * 1_024;

function findAll(compiled: CompiledRegularExpression, input: string): Value {
  const found: Value[] = [];
  let start = 0;
  let counted = { place: 0, codePoints: 0 };
  let size = 0;
  do {
    const match = compiled.find(input, start);
    if (!match) break;
    counted = { place: match.start, codePoints: counted.codePoints + countCodePoints(input.slice(counted.place, match.start)) };
    size += 200 + 2 * match.captures.reduce((sum, text) => sum + (text?.length ?? 0), match.end - match.start);
    if (size > maxOutput) throw new DocumentError(51151, '$regexFindAll: the size of buffer to store output exceeded the 64MB limit');
    found.push(matchDocument(input, match, counted.codePoints));
    start = match.end > match.start ? match.end : match.start + characterLength(input, match.start);
  } while (start < input.length);
  return found;
}

export const regexOperators: readonly Operator[] = [
  regexOperator({
    name: '$regexMatch',
    find: ({ test }, input) => test(input),
    ofNull: () => false,
    examples: [
      { expression: '{"$regexMatch": {"input": "Hello", "regex": "^h", "options": "i"}}', result: 'true' },
      { expression: '{"$regexMatch": {"input": null, "regex": "h"}}', result: 'false' },
      { expression: '{"$regexMatch": {"input": "suárez", "regex": "^\\\\w+$"}}', result: 'false' },
      { expression: '{"$regexMatch": {"input": "suárez", "regex": "(*UCP)^\\\\w+$"}}', result: 'true' },
      { expression: '{"$regexMatch": {"input": "Öyster", "regex": "\\\\byster"}}', result: 'true' },
      { expression: '{"$regexMatch": {"input": "Öyster", "regex": "(*UCP)\\\\byster"}}', result: 'false' },
      { expression: '{"$regexMatch": {"input": "9୪", "regex": "(*UCP)^[[:digit:]]\\\\d$"}}', result: 'true' },
      { expression: '{"$regexMatch": {"input": "é_·", "regex": "(*UCP)^[^\\\\W]_\\\\W$"}}', result: 'true' },
      { expression: '{"$regexMatch": {"input": "정1", "regex": "^\\\\p{Xan}+$"}}', result: 'true' },
      { expression: '{"$regexMatch": {"input": "_", "regex": "[\\\\P{Xwd}]"}}', result: 'false' },
      { expression: '{"$regexMatch": {"input": "b", "regex": "a(*FAIL)|b(*ACCEPT)c"}}', result: 'true' },
      { expression: '{"$regexMatch": {"input": "h", "regex": "$none", "options": "q"}}', result: 'false' },
      { expression: '{"$regexMatch": {"input": "H", "regex": {"$regularExpression": {"pattern": "h", "options": "i"}}, "options": null}}', result: 'true' },
    ],
  }),
  regexOperator({
    name: '$regexFind',
    find: findFirst,
    ofNull: () => null,
    examples: [
      { expression: '{"$regexFind": {"input": "é12", "regex": "(\\\\d)(\\\\d)(x)?"}}', result: '{"match": "12", "idx": 1, "captures": ["1", "2", null]}' },
      { expression: '{"$regexFind": {"input": "a", "regex": "b"}}', result: 'null' },
      { expression: '{"$regexFind": {"input": "", "regex": ""}}', result: '{"match": "", "idx": 0, "captures": []}' },
    ],
  }),
  regexOperator({
    name: '$regexFindAll',
    find: findAll,
    ofNull: () => [],
    examples: [
      { expression: '{"$regexFindAll": {"input": "a1b2", "regex": "[a-z]"}}', result: '[{"match": "a", "idx": 0, "captures": []}, {"match": "b", "idx": 2, "captures": []}]' },
      { expression: '{"$regexFindAll": {"input": "é😀", "regex": ""}}', result: '[{"match": "", "idx": 0, "captures": []}, {"match": "", "idx": 1, "captures": []}]' },
      { expression: '{"$regexFindAll": {"input": "aab", "regex": "\\\\Ga"}}', result: '[{"match": "a", "idx": 0, "captures": []}, {"match": "a", "idx": 1, "captures": []}]' },
      { expression: '{"$regexFindAll": {"input": "(a)(b(c))", "regex": "\\\\((?:[^()]|(?R))+\\\\)"}}', result: '[{"match": "(a)", "idx": 0, "captures": []}, {"match": "(b(c))", "idx": 3, "captures": []}]' },
      { expression: '{"$regexFindAll": {"input": "", "regex": "()"}}', result: '[{"match": "", "idx": 0, "captures": [""]}]' },
      { expression: '{"$regexFindAll": {"input": null, "regex": "a"}}', result: '[]' },
    ],
  }),
];

// Regular expressions as the document language has them (PCRE): on JavaScript's engine where it matches alike, on the own
// matcher where it does not.
//
// Matching by backtracking can take time beyond all bounds. Patterns that nest or repeat unbounded repetitions are
// therefore matched under a watch, which ends a match after `matchTimeLimitMs`; PCRE counts steps instead.

import { Script, createContext } from 'node:vm';
import { DocumentError } from '../errors.ts';
import type { Match } from './match.ts';
import { Matcher } from './match.ts';
import { parseRegularExpression } from './parse.ts';
import { RegularExpressionSyntaxError } from './syntax-error.ts';
import type { JavaScriptForm } from './to-javascript.ts';
import { toJavaScript } from './to-javascript.ts';
import type { Tree } from './tree.ts';

/** It has no state. Its functions may throw DocumentError 51156 for a match that takes too long. */
export type CompiledRegularExpression = {
  readonly test: (text: string) => boolean;
  /** The first match at or after `start`. */
  readonly find: (text: string, start: number) => Match | null;
};

/** Of one match. */
const matchTimeLimitMs = 250;

/** Of a pattern of that degree (see `toJavaScript`) texts so long end in time. */
function safeLength(degree: number): number {
  return Math.max(24, Math.floor(1e8 ** (1 / degree)));
}

const watched = createContext({}, { codeGeneration: { strings: false, wasm: false } }) as { match?: () => RegExpExecArray | null };
const watchedMatch = new Script('match()');

/** A RegExp whose matches end, if need be with DocumentError 51156. */
class WatchedRegExp extends RegExp {
  readonly degree: number;

  constructor(source: string, flags: string, degree: number) {
    super(source, flags);
    this.degree = degree;
  }

  override exec(text: string): RegExpExecArray | null {
    if (text.length <= safeLength(this.degree)) return super.exec(text);
    watched.match = () => super.exec(text);
    try {
      return watchedMatch.runInContext(watched, { timeout: matchTimeLimitMs }) as RegExpExecArray | null;
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      throw new DocumentError(51156, 'Error occurred while executing the regular expression. Result code: match limit exceeded', { cause: error });
    } finally {
      delete watched.match;
    }
  }
}

const compiled = new Map<string, CompiledRegularExpression>();
const maxKept = 500;
const longestPatternBytes = 32_764;

/**
 * Throws RegularExpressionSyntaxError for a pattern that is wrong or not supported, DocumentError 51108 (told of
 * `operator`) for an unknown option. Options are `i`, `m`, `s`, `x`, and `u`, which is always on.
 */
export function compileForCaptures(pattern: string, options: string, operator: string): CompiledRegularExpression {
  const key = `${options}/${pattern}`;
  const known = compiled.get(key);
  if (known) return known;
  assertOptions(options, operator);
  // PCRE counts bytes of UTF-8.
  if (Buffer.byteLength(pattern) > longestPatternBytes) throw new RegularExpressionSyntaxError('pattern string is longer than the limit set by the application');
  const result = compileTree(parseRegularExpression(pattern, options));
  if (compiled.size >= maxKept) compiled.clear();
  compiled.set(key, result);
  return result;
}

function assertOptions(options: string, operator: string): void {
  const unknown = /[^imsxu]/u.exec(options);
  if (unknown) throw new DocumentError(51108, `${operator} invalid flag in regex options: ${unknown[0]}`);
}

function compileTree(tree: Tree): CompiledRegularExpression {
  const form = toJavaScript(tree);
  if (!form) return onMatcher(tree);
  const inJavaScript = onJavaScript(form, tree.groups);
  return form.hasSameCaptures ? inJavaScript : { ...onMatcher(tree), test: inJavaScript.test };
}

function onMatcher(tree: Tree): CompiledRegularExpression {
  const matcher = new Matcher(tree, matchTimeLimitMs);
  return { test: (text) => matcher.find(text, 0) !== null, find: (text, start) => matcher.find(text, start) };
}

function onJavaScript(form: JavaScriptForm, groups: number): CompiledRegularExpression {
  const first = newRegExp(form, form.flags);
  // With `g` a match starts where lastIndex says.
  const next = newRegExp(form, `${form.flags}g`);
  const names = Array.from({ length: groups }, (_, index) => `g${index + 1}`);
  return {
    test: (text) => first.test(text),
    find: (text, start) => {
      next.lastIndex = start;
      const match = next.exec(text);
      return match && { start: match.index, end: match.index + match[0].length, captures: names.map((name) => match.groups![name]) };
    },
  };
}

function newRegExp({ source, degree }: JavaScriptForm, flags: string): RegExp {
  try {
    return degree > 1 ? new WatchedRegExp(source, flags, degree) : new RegExp(source, flags);
  } catch (error) {
    throw new RegularExpressionSyntaxError((error as Error).message);
  }
}

/**
 * The pattern of a filter.
 * Throws DocumentError: 51108 for an unknown option, BadValue for a null byte, 51091 for an invalid pattern.
 */
export function compileRegularExpression(pattern: string, options: string): CompiledRegularExpression {
  assertOptions(options, '$regex');
  if (pattern.includes('\0')) throw new DocumentError('BadValue', 'Regular expression cannot contain an embedded null byte');
  try {
    return compileForCaptures(pattern, options, '$regex');
  } catch (error) {
    if (!(error instanceof RegularExpressionSyntaxError)) throw error;
    throw new DocumentError(51091, `Regular expression is invalid: ${error.message}`, { cause: error });
  }
}

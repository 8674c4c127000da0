// Regular expressions as the document language has them (PCRE) on JavaScript's engine: what both write alike is kept,
// what they write or read differently is translated, and what JavaScript cannot do is refused.
//
// DIFFERS: a group that is repeated captures what it did in its last round only, where PCRE keeps what an earlier round
// captured; a reference to a group that has matched nothing matches the empty text, where PCRE's fails.
//
// Matching by backtracking can take time beyond all bounds. Patterns that nest or repeat unbounded repetitions are
// therefore matched under a watch, which ends a match after `matchTimeLimit`; PCRE counts steps instead.

import { Script, createContext } from 'node:vm';
import { DocumentError } from './errors.ts';
import type { TranslatedRegularExpression } from './regular-expression-translation.ts';
import { RegularExpressionSyntaxError, translateRegularExpression } from './regular-expression-translation.ts';

export type CompiledRegularExpression = {
  /** Its flags are `u` and `i`. */
  readonly regexp: RegExp;
  /** For each group of the pattern the number of its group in `regexp`, which may have more. */
  readonly captures: readonly number[];
};

/** In milliseconds, of one match. */
const matchTimeLimit = 250;

/** Of a pattern of that degree (see the translation) texts so long end in time. */
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
      return watchedMatch.runInContext(watched, { timeout: matchTimeLimit }) as RegExpExecArray | null;
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
 * Throws RegularExpressionSyntaxError for a pattern that is wrong or cannot be translated, DocumentError 51108 (told of
 * `operator`) for an unknown option. Options are `i`, `m`, `s`, `x`, and `u`, which is always on.
 */
export function compileForCaptures(pattern: string, options: string, operator: string): CompiledRegularExpression {
  const key = `${options}/${pattern}`;
  const known = compiled.get(key);
  if (known) return known;
  assertOptions(options, operator);
  // PCRE counts bytes of UTF-8.
  if (Buffer.byteLength(pattern) > longestPatternBytes) throw new RegularExpressionSyntaxError('pattern string is longer than the limit set by the application');
  const translated = translateRegularExpression(pattern, options);
  const result = { regexp: newRegExp(translated), captures: translated.captures };
  if (compiled.size >= maxKept) compiled.clear();
  compiled.set(key, result);
  return result;
}

function assertOptions(options: string, operator: string): void {
  const unknown = /[^imsxu]/u.exec(options);
  if (unknown) throw new DocumentError(51108, `${operator} invalid flag in regex options: ${unknown[0]}`);
}

function newRegExp({ source, flags, degree }: TranslatedRegularExpression): RegExp {
  try {
    return degree > 1 ? new WatchedRegExp(source, flags, degree) : new RegExp(source, flags);
  } catch (error) {
    throw new RegularExpressionSyntaxError((error as Error).message);
  }
}

/**
 * The pattern of a filter. It has no state: `test` and `exec` start at the beginning of the text.
 * Throws DocumentError: 51108 for an unknown option, BadValue for a null byte, 51091 for an invalid pattern; `test` may throw 51156.
 */
export function compileRegularExpression(pattern: string, options: string): RegExp {
  assertOptions(options, '$regex');
  if (pattern.includes('\0')) throw new DocumentError('BadValue', 'Regular expression cannot contain an embedded null byte');
  try {
    return compileForCaptures(pattern, options, '$regex').regexp;
  } catch (error) {
    if (!(error instanceof RegularExpressionSyntaxError)) throw error;
    throw new DocumentError(51091, `Regular expression is invalid: ${error.message}`, { cause: error });
  }
}

/** The first match at or after `start`, or null. Positions are in UTF-16 code units. */
export function matchFrom(regexp: RegExp, text: string, start: number): RegExpExecArray | null {
  if (start === 0) return regexp.exec(text);
  const searching = searchingCopies.get(regexp) ?? searchingCopy(regexp);
  searching.lastIndex = start;
  return searching.exec(text);
}

const searchingCopies = new WeakMap<RegExp, RegExp>();

/** With `g`, which makes a match start where lastIndex says. */
function searchingCopy(regexp: RegExp): RegExp {
  const flags = `${regexp.flags}g`;
  const copy = regexp instanceof WatchedRegExp ? new WatchedRegExp(regexp.source, flags, regexp.degree) : new RegExp(regexp.source, flags);
  searchingCopies.set(regexp, copy);
  return copy;
}

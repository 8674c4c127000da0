/** A pattern that is wrong, or that cannot be matched here. The texts are PCRE2's. */
export class RegularExpressionSyntaxError extends Error {}

export function notSupported(what: string): RegularExpressionSyntaxError {
  return new RegularExpressionSyntaxError(`${what} is not supported`);
}

// What may stand after a command's name, as COMMAND DOCS tells it ("Command arguments" of Redis's manual). Rows of the
// registry are written with these functions; clients make completion and typed methods of it.

/** A word alone is what it is (`NX`); `oneof` and `block` hold other arguments. */
export type SyntaxType = 'string' | 'integer' | 'double' | 'key' | 'pattern' | 'unix-time' | 'pure-token' | 'oneof' | 'block';

type SyntaxOptions = {
  /** The word before it. */
  readonly token?: string;
  readonly since?: string;
  readonly deprecatedSince?: string;
  readonly optional?: true;
  readonly multiple?: true;
  /** Where it stands several times, its word does too. */
  readonly multipleToken?: true;
  /** Which of the command's key specifications finds it; of a key the first, if nothing else is said. */
  readonly specification?: number | undefined;
};

export type Syntax = SyntaxOptions & {
  readonly name: string;
  readonly type: SyntaxType;
  readonly parts?: readonly Syntax[];
};

export function key(name = 'key', options: SyntaxOptions = {}): Syntax {
  return { specification: 0, ...options, name, type: 'key' };
}

/** A constant word; its name is the same in lower case unless another is given. */
export function word(token: string, options: SyntaxOptions & { readonly name?: string } = {}): Syntax {
  return { name: token.toLowerCase(), ...options, token, type: 'pure-token' };
}

/** One of several forms. */
export function oneOf(name: string, parts: readonly Syntax[], options: SyntaxOptions = {}): Syntax {
  return { ...options, name, type: 'oneof', parts };
}

/** Arguments that stand together. */
export function block(name: string, parts: readonly Syntax[], options: SyntaxOptions = {}): Syntax {
  return { ...options, name, type: 'block', parts };
}

export const text = valueOfType('string');
export const integer = valueOfType('integer');
export const double = valueOfType('double');
export const pattern = valueOfType('pattern');
export const unixTime = valueOfType('unix-time');

function valueOfType(type: SyntaxType): (name: string, options?: SyntaxOptions) => Syntax {
  return (name, options = {}) => ({ ...options, name, type });
}

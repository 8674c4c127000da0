// Names and texts as SQL. Values go to PostgreSQL as parameters; this is for where its grammar takes none
// (identifiers, and the literals of CREATE ROLE and the like). PostgreSQL's manual, "Lexical Structure".

import { FacetError } from '../kernel/errors.ts';

/** PostgreSQL's NAMEDATALEN - 1. It cuts longer names off in silence, which would make two names one. */
export const identifierBytesMax = 63;

/** `name` as a quoted identifier, exactly as written: `My"Table` → `"My""Table"`. Throws `data_invalid`. */
export function quoteIdentifier(name: string): string {
  if (name === '') throw new FacetError('data_invalid', 'a name must not be empty');
  if (name.includes('\0')) throw new FacetError('data_invalid', 'a name must not hold the character U+0000');
  if (Buffer.byteLength(name) > identifierBytesMax) {
    throw new FacetError('data_invalid', `the name "${name}" is longer than ${identifierBytesMax} bytes`);
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** `text` as a string literal that means the same under either `standard_conforming_strings`. Throws `data_invalid`. */
export function quoteLiteral(text: string): string {
  if (text.includes('\0')) throw new FacetError('data_invalid', 'a text must not hold the character U+0000');
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

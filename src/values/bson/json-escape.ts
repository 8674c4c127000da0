// What JSON in PostgreSQL cannot hold as it is, and how the stored form holds it all the same. jsonb refuses U+0000; and
// a document may have a field named as one of Extended JSON's wrappers. The noncharacter U+FDD0, which Unicode keeps for
// uses like this, begins an escape:
//
//   U+FDD0 0        U+0000
//   U+FDD0 U+FDD0   U+FDD0
//   U+FDD0 $…       at the beginning of a field's name: the name $…, which is no wrapper
//
// Texts without those characters, nearly all, are stored as they are.

const escape = '\ufdd0';

/** The names that make an object of Extended JSON a value of another type. */
export const wrapperNames: ReadonlySet<string> = new Set([
  '$oid', '$numberInt', '$numberLong', '$numberDouble', '$numberDecimal', '$binary', '$uuid', '$date', '$timestamp', '$regularExpression',
  '$code', '$scope', '$symbol', '$undefined', '$minKey', '$maxKey', '$dbPointer',
]);

const escapable = /[\0\ufdd0]/;
const toEscape = /[\0\ufdd0]/g;
const escaped = /\ufdd0([0$\ufdd0])/g;

/** The text as the stored form has it. */
export function escapeText(text: string): string {
  return escapable.test(text) ? text.replace(toEscape, (character) => (character === '\0' ? `${escape}0` : escape + escape)) : text;
}

/** The field name as the stored form has it. */
export function escapeName(name: string): string {
  return wrapperNames.has(name) ? escape + name : escapeText(name);
}

/** The inverse of both. */
export function unescapeText(text: string): string {
  return text.includes(escape) ? text.replace(escaped, (_, character: string) => (character === '0' ? '\0' : character)) : text;
}

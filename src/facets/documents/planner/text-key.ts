// A text in the keys of SQL, as facetdb.order_text makes it (store/exact-keys-migration.ts): PostgreSQL's texts hold no
// U+0000, so that U+0001 begins an escape which keeps the order.

export function textKey(text: string): string {
  return text.replaceAll('\u0001', '\u0001\u0002').replaceAll('\0', '\u0001\u0001');
}

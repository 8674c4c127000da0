// SQL's values as JSON, and JSON's as parameters. What JSON has no type for is text, as PostgreSQL itself writes it in JSON.

/** A row as JSON has it: bytes as `\x…`, dates in ISO 8601, integers beyond 2^53 and infinities as texts. */
export function jsonRow(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const name of Object.keys(row)) Object.defineProperty(out, name, { value: jsonValue(row[name]), enumerable: true, configurable: true, writable: true });
  return out;
}

function jsonValue(value: unknown): unknown {
  switch (typeof value) {
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'object':
      if (value === null) return null;
      if (value instanceof Date) return value.toISOString();
      if (value instanceof Uint8Array) return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
      return Array.isArray(value) ? value.map(jsonValue) : value;
    default:
      return value;
  }
}

/** A value as a field of CSV (RFC 4180); null is empty. */
export function csvField(value: unknown): string {
  const plain = jsonValue(value);
  if (plain === null || plain === undefined) return '';
  const text = typeof plain === 'string' ? plain : JSON.stringify(plain);
  return /[",\r\n]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text;
}

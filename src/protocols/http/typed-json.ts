// SQL's values in JSON with the types that JSON lacks, for programs: an object with one member, named for the type. Values of
// json and jsonb are such an object too, so that nothing is taken for what it is not.

type Typed = { readonly int8: string } | { readonly float8: string } | { readonly timestamptz: string } | { readonly bytea: string } | { readonly json: unknown };

export function typedJson(value: unknown): unknown {
  switch (typeof value) {
    case 'bigint':
      return { int8: String(value) } satisfies Typed;
    case 'number':
      return Number.isFinite(value) ? value : ({ float8: String(value) } satisfies Typed);
    case 'object':
      if (value === null) return null;
      if (value instanceof Date) return { timestamptz: value.toISOString() } satisfies Typed;
      if (value instanceof Uint8Array) return { bytea: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') } satisfies Typed;
      return Array.isArray(value) ? value.map(typedJson) : ({ json: value } satisfies Typed);
    default:
      return value;
  }
}

export function fromTypedJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(fromTypedJson);
  const typed = value as Typed;
  if ('int8' in typed) return BigInt(typed.int8);
  if ('float8' in typed) return Number(typed.float8);
  if ('timestamptz' in typed) return new Date(typed.timestamptz);
  if ('bytea' in typed) return Buffer.from(typed.bytea, 'base64');
  return typed.json;
}

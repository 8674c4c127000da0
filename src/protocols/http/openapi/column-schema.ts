// PostgreSQL's types as JSON Schema: what its JSON output writes for them, and what its input takes.

import type { RelationColumn } from '../../../facets/relational/index.ts';

type Schema = Readonly<Record<string, unknown>>;

const byType: Readonly<Record<string, Schema>> = {
  bool: { type: 'boolean' },
  int2: { type: 'integer', minimum: -32_768, maximum: 32_767 },
  int4: { type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 },
  int8: { type: 'integer', format: 'int64' },
  oid: { type: 'integer' },
  // NaN and the infinities are texts.
  float4: { type: ['number', 'string'] },
  float8: { type: ['number', 'string'] },
  numeric: { type: ['number', 'string'] },
  uuid: { type: 'string', format: 'uuid' },
  date: { type: 'string', format: 'date' },
  timestamptz: { type: 'string', format: 'date-time' },
  bytea: { type: 'string', description: '\\x and hexadecimal digits' },
  json: {},
  jsonb: {},
};

export function columnSchema({ type, typeName, isNullable }: RelationColumn): Schema {
  const element = typeName.startsWith('_') ? { type: 'array', items: schemaOf(typeName.slice(1)) } : schemaOf(typeName);
  const nullable = isNullable && 'type' in element ? { ...element, type: [...[element.type].flat(), 'null'] } : element;
  return { ...nullable, 'x-postgres-type': type };
}

function schemaOf(typeName: string): Schema {
  return Object.hasOwn(byType, typeName) ? byType[typeName]! : { type: 'string' };
}

// Checks an OpenAPI 3.1 description against the specification's own JSON Schema (https://spec.openapis.org/oas/3.1/schema, which
// is in openapi-3.1.schema.json as the OpenAPI Initiative publishes it, Apache-2.0), and every Schema Object in it against JSON
// Schema 2020-12, which that one leaves open.

import { readFileSync } from 'node:fs';
import { type AnySchemaObject, Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const specification = JSON.parse(readFileSync(new URL('openapi-3.1.schema.json', import.meta.url), 'utf8')) as AnySchemaObject;

/** What is wrong with the description, a line each. */
export function openApiErrors(description: unknown): string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  // RFC 9110's, which ajv-formats does not know.
  ajv.addFormat('media-range', /^[^\s/;]+\/[^\s/;]+(?:\s*;.*)?$/);
  // Not "#meta" of the specification's schema, which takes every object: the Schema Object of JSON Schema.
  const { schema, ...definitions } = specification['$defs'] as Record<string, AnySchemaObject>;
  const dialect = { ...specification, $defs: { ...definitions, schema: { ...schema, $ref: 'https://json-schema.org/draft/2020-12/schema' } } };
  const validate = ajv.compile(dialect);
  void validate(description);
  return (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`);
}

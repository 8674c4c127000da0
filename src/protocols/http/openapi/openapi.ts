// The OpenAPI 3.1 description: the fixed routes by the schemas that check their requests, and the tables, views and collections
// that the caller's role can see, as PostgreSQL's catalog has them.

import { z } from 'zod';
import type { Relation, RelationColumn } from '../../../facets/relational/index.ts';
import { version } from '../../../kernel/version.ts';
import { itemParameters, listParameters } from '../data/list-parameters.ts';
import { columnSchema } from './column-schema.ts';
import { type FixedRoute, fixedRoutes } from './fixed-routes.ts';

type Json = Readonly<Record<string, unknown>>;

export function openApiOf(relations: readonly Relation[], { requiresAuthentication }: { readonly requiresAuthentication: boolean }): Json {
  const schemas = new Map<string, Json>([['Problem', problemSchema]]);
  const paths = new Map<string, Json>();
  for (const route of fixedRoutes) paths.set(route.path, { ...paths.get(route.path), [route.method]: operationOf(route) });
  for (const relation of relations) {
    schemas.set(schemaNameOf(relation), itemSchema(relation));
    for (const [path, operations] of dataPaths(relation)) paths.set(path, operations);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'FacetDB', version, description: 'What the role of this request can see of the store.' },
    ...(requiresAuthentication ? { security: [{ basic: [] }, { bearer: [] }] } : {}),
    paths: Object.fromEntries(paths),
    components: { schemas: Object.fromEntries(schemas), securitySchemes: { basic: { type: 'http', scheme: 'basic' }, bearer: { type: 'http', scheme: 'bearer' } } },
  };
}

const problemSchema = {
  type: 'object', description: 'RFC 9457.', required: ['type', 'title', 'status'],
  properties: {
    type: { type: 'string' }, title: { type: 'string' }, status: { type: 'integer' }, detail: { type: 'string' }, code: { type: 'string', description: 'One of FacetDB’s error codes.' },
    field: { type: 'string', description: 'What of the request is wrong.' }, line: { type: 'integer', description: 'Of a stream of rows: the line that was refused.' },
    documentError: { type: 'object', properties: { code: { type: 'integer' }, codeName: { type: 'string' } } },
  },
} as const;

const problemResponse = { description: 'A problem.', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
const responses = (answers: Json): Json => ({ ...answers, default: problemResponse });
const jsonContent = (schema: unknown): Json => ({ 'application/json': { schema } });

function operationOf({ method, summary, tag, parameters = {}, body, bodyType = 'application/json', answer, success = '200' }: FixedRoute): Json {
  const places = Object.entries(parameters).flatMap(([place, schema]) => parametersOf(place, schema));
  return {
    tags: [tag], summary, ...(places.length === 0 ? {} : { parameters: places }),
    ...(body === undefined ? {} : { requestBody: { required: method !== 'get', content: { [bodyType]: { schema: z.toJSONSchema(body, { io: 'input' }) } } } }),
    responses: responses({ [success]: { description: answer } }),
  };
}

function parametersOf(place: string, schema: z.ZodObject): Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => ({ name, in: place, required: place === 'path' || required.includes(name), schema: property }));
}

/** Characters that a component's name may not have are written as `_` and their number. */
function schemaNameOf({ schema, name }: Relation): string {
  return `${schema}.${name}`.replaceAll(/[^A-Za-z0-9.-]/g, (character) => `_${character.codePointAt(0)!.toString(16)}`);
}

function itemSchema({ kind, columns, comment }: Relation): Json {
  if (kind === 'collection') return { type: 'object', description: 'A document, in relaxed Extended JSON.', properties: { _id: {} }, additionalProperties: true };
  const visible = columns.filter(({ mayRead, mayInsert, mayUpdate }) => mayRead || mayInsert || mayUpdate);
  const required = visible.filter((column) => !column.isNullable && !column.hasDefault && !column.isGenerated && kind === 'table').map(({ name }) => name);
  return {
    type: 'object', ...(comment === null ? {} : { description: comment }), additionalProperties: false,
    properties: Object.fromEntries(visible.map((column) => [column.name, propertyOf(column)])), ...(required.length === 0 ? {} : { required }),
  };
}

function propertyOf(column: RelationColumn): Json {
  return { ...columnSchema(column), ...(column.comment === null ? {} : { description: column.comment }), ...(column.isGenerated ? { readOnly: true } : {}) };
}

function dataPaths(relation: Relation): [string, Json][] {
  const { schema, name, kind, key } = relation;
  const item = { $ref: `#/components/schemas/${schemaNameOf(relation)}` };
  const path = `/data/${encodeURIComponent(schema)}/${encodeURIComponent(name)}`;
  const tags = [schema];
  const itemAnswer = { description: 'The item.', headers: { ETag: { schema: { type: 'string' } } }, content: jsonContent(item) };
  const keyParameter = { name: 'key', in: 'path', required: true, schema: { type: 'string' }, description: kind === 'collection' ? 'The _id.' : key.length === 0 ? 'The values of the columns that the parameter "key" names, separated by commas.' : `${key.join(', ')}, separated by commas.` };
  const ifMatch = { name: 'If-Match', in: 'header', schema: { type: 'string' } };
  const prefer = { name: 'Prefer', in: 'header', schema: { type: 'string', enum: ['return=minimal', 'return=representation'] } };
  const change = (summary: string, body?: Json): Json => ({ tags, summary, parameters: [keyParameter, ifMatch, prefer], ...(body === undefined ? {} : { requestBody: { required: true, content: body } }), responses: responses({ 200: itemAnswer, 204: { description: 'Done.' } }) });
  const page = { type: 'object', required: ['items'], properties: { items: { type: 'array', items: item }, after: { type: 'string' }, next: { type: 'string' } } };
  const collection = {
    get: { tags, summary: `List ${name}`, parameters: parametersOf('query', listParameters), responses: responses({ 200: { description: 'A page.', content: jsonContent(page) } }) },
    post: {
      tags, summary: `Insert into ${name}`, parameters: [prefer, { name: 'Idempotency-Key', in: 'header', schema: { type: 'string' } }],
      requestBody: { required: true, content: { 'application/json': { schema: { oneOf: [item, { type: 'array', items: item }] } }, 'application/x-ndjson': { schema: { type: 'string' } }, 'text/csv': { schema: { type: 'string' } } } },
      responses: responses({ 201: { description: 'Inserted.', content: jsonContent({ oneOf: [item, { type: 'array', items: item }] }) } }),
    },
  };
  const single = {
    get: { tags, summary: `Read one of ${name}`, parameters: [keyParameter, ...parametersOf('query', itemParameters)], responses: responses({ 200: itemAnswer, 304: { description: 'It is as the client knows it.' } }) },
    put: change(`Replace one of ${name}`, jsonContent(item)),
    patch: change(`Change one of ${name} (RFC 7396)`, { 'application/merge-patch+json': { schema: { type: 'object' } } }),
    delete: change(`Remove one of ${name}`),
  };
  return [[path, collection], [`${path}/{key}`, single]];
}

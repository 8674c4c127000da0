// /openapi.json and /docs.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Script } from 'node:vm';
import { HttpClient } from '../support/http-client.ts';
import { openApiErrors } from './support/openapi-validator.ts';

const schema = `reference${process.pid}`;
let http: HttpClient;
before(async () => {
  http = await HttpClient.open();
  await http.sql(`create schema ${schema}`);
  await http.sql(`create table ${schema}."<b>odd</b>" (id int primary key, name text not null, tags text[], made timestamptz default now(), twice int generated always as (id * 2) stored)`);
  await http.sql(`comment on column ${schema}."<b>odd</b>".name is 'What it is called.'`);
});
after(async () => {
  await http.sql(`drop schema ${schema} cascade`);
  await http.sql(`drop role if exists ${schema}_reader`);
});

type OpenApi = { openapi: string; paths: Record<string, Record<string, { requestBody?: unknown; parameters?: unknown[]; responses: unknown }>>; components: { schemas: Record<string, { properties: Record<string, unknown>; required?: string[] }> } };

test('the description says what the role can see', async () => {
  const described = (await http.ask('GET', '/openapi.json')).json<OpenApi>();
  assert.equal(described.openapi, '3.1.0');
  const path = `/data/${schema}/${encodeURIComponent('<b>odd</b>')}`;
  assert.deepEqual([Object.keys(described.paths[path]!), Object.keys(described.paths[`${path}/{key}`]!)], [['get', 'post'], ['get', 'put', 'patch', 'delete']]);
  const item = described.components.schemas[`${schema}._3cb_3eodd_3c_2fb_3e`]!;
  assert.deepEqual(item.required, ['id', 'name']);
  assert.deepEqual(item.properties, {
    id: { type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647, 'x-postgres-type': 'integer' }, name: { type: 'string', 'x-postgres-type': 'text', description: 'What it is called.' },
    tags: { type: ['array', 'null'], items: { type: 'string' }, 'x-postgres-type': 'text[]' }, made: { type: ['string', 'null'], format: 'date-time', 'x-postgres-type': 'timestamp with time zone' },
    twice: { type: ['integer', 'null'], minimum: -2_147_483_648, maximum: 2_147_483_647, 'x-postgres-type': 'integer', readOnly: true },
  });
  // Every reference has its target, and every fixed route is one that there is.
  for (const [, name] of JSON.stringify(described).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) assert.ok(name! in described.components.schemas, name);
  for (const [route, operations] of Object.entries(described.paths)) {
    if (route.startsWith('/data/')) continue;
    const known = (await http.ask('OPTIONS', route.replaceAll(/\{\w+\}/g, '0'))).headers.get('allow') ?? '';
    for (const method of Object.keys(operations)) assert.ok(known.split(', ').includes(method.toUpperCase()), `${method} ${route}: ${known}`);
  }
  await http.sql(`create role ${schema}_reader login password 'x'`);
  const seen = (await http.as(`${schema}_reader`, 'x').ask('GET', '/openapi.json')).json<OpenApi>();
  assert.equal(seen.paths[path], undefined);
});

test('the description is OpenAPI 3.1, as its JSON Schema has it', async () => {
  await http.sql(`create table ${schema}.kinds (id uuid primary key, small smallint, large bigint, amount numeric(9, 2), ratio real, document jsonb, texts text[], bytes bytea, day date, moment timestamptz, shape point, span int4range)`);
  await http.sql(`create view ${schema}.seen as select id, amount from ${schema}.kinds`);
  await http.ask('POST', `/commands/documents/${schema}`, { create: 'films' });
  const described = (await http.ask('GET', '/openapi.json')).json<OpenApi>();
  for (const name of ['kinds', 'seen', 'films']) assert.ok(`/data/${schema}/${name}` in described.paths, name);
  assert.deepEqual(openApiErrors(described), []);
  // It does look.
  const broken = structuredClone(described);
  broken.paths['/metrics/{name}'] = { get: { parameters: [{ in: 'path', name: 'name' }], responses: {} } };
  broken.components.schemas['Odd'] = { properties: { id: { type: 'whole' } } };
  const errors = openApiErrors({ ...broken, info: {} });
  for (const part of ['/info: ', '/paths/~1metrics~1{name}/get/parameters/0', '/components/schemas/Odd/properties/id/type: ']) assert.ok(errors.some((error) => error.startsWith(part)), `${part} in ${errors.join('\n')}`);
});

test('the page works by itself, and runs nothing but its own script', async () => {
  const page = await fetch(`${http.url}/docs`);
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  const html = await page.text();
  assert.doesNotMatch(html, /https?:\/\/|<script>|style=| on\w+=/);
  for (const [, file] of html.matchAll(/(?:src|href)="([^"]+)"/g)) assert.ok((await http.ask('GET', `/${file!}`)).status === 200, file);
  const script = await (await fetch(`${http.url}/docs/script.js`)).text();
  assert.doesNotMatch(script, /innerHTML|outerHTML|insertAdjacent|document\.write|eval/);
  assert.doesNotThrow(() => new Script(script));
});

// /data/{schema}/{name}: tables, views and collections alike, as lists of items with keys.

import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FacetError } from '../../../kernel/errors.ts';
import { piecesInTime } from '../body-timeout.ts';
import type { ChangeResult, Condition, DataSource, JsonBody } from '../data/data-source.ts';
import { conditionOf, isKnown, tagOf } from '../data/entity-tags.ts';
import { itemQueryOf, listQueryOf } from '../data/list-parameters.ts';
import { type DataPath, openSource } from '../data/open-source.ts';
import { csvRows, jsonRows } from '../data/row-lines.ts';
import { once, refuseIdempotency } from '../idempotency.ts';
import { takeJsonBodies } from '../json-body.ts';
import { httpLimits } from '../limits.ts';
import { type Outcome, sendOutcome } from '../outcome.ts';
import { preferredType } from '../preferred-type.ts';
import { returnPreferenceOf } from '../preferences.ts';
import { problemOf } from '../problem.ts';
import { RequestError } from '../request-error.ts';
import type { CommandPlace } from '../store-access.ts';
import type { StoreRoutes } from '../store-routes.ts';

const streamTypes = ['application/x-ndjson', 'text/csv'];
const list = '/data/:schema/:name';
const item = '/data/:schema/:name/:key';

export function addDataRoutes(app: FastifyInstance, routes: StoreRoutes): void {
  void app.register((scope, _options, done) => {
    takeJsonBodies(scope, ['application/json', 'application/merge-patch+json']);
    for (const type of streamTypes) scope.addContentTypeParser(type, (_request, payload, parsedBody) => parsedBody(null, payload));
    addRoutes(scope, routes);
    done();
  });
}

function addRoutes(app: FastifyInstance, { access, caller, signalOf }: StoreRoutes): void {
  const open = (request: FastifyRequest, place: CommandPlace, key?: readonly string[]): DataSource | Promise<DataSource> => openSource(access(), place, pathOf(request, key));

  app.get(list, async (request, reply) => {
    const place = { ...(await caller(request)), signal: signalOf(request) };
    const { key, ...query } = listQueryOf(request.query);
    const { items, after } = await (await open(request, place, key)).list(query);
    const next = after === undefined ? undefined : nextUrl(request.url, after);
    if (next !== undefined) void reply.header('link', `<${next}>; rel="next"`);
    return asJson(reply, `{"items":[${items.join(',')}]${after === undefined ? '' : `,"after":${JSON.stringify(after)},"next":${JSON.stringify(next)}`}}`);
  });

  app.post(list, async (request, reply) => {
    const from = await caller(request);
    const signal = signalOf(request);
    if (request.body instanceof Readable) return await load(request, reply, await open(request, { ...from, signal }));
    const body = request.body as JsonBody;
    const work = { request, access: access(), caller: from, signal, isolation: 'read committed' } as const;
    return await sendOutcome(reply, await once(work, async (place) => await insert(request, await open(request, place), body)));
  });

  app.get(item, async (request, reply) => {
    const from = await caller(request);
    const { fields, key } = itemQueryOf(request.query);
    const json = await (await open(request, from, key)).get(keyOf(request), fields);
    if (json === undefined) throw missing();
    // A part of an item has no tag: with it one could not change the whole.
    if (fields !== undefined) return asJson(reply, json);
    const tag = tagOf(json);
    void reply.header('etag', `"${tag}"`);
    return isKnown(request.headers['if-none-match'], tag) ? await reply.code(304).send() : asJson(reply, json);
  });

  const change = (method: 'PUT' | 'PATCH' | 'DELETE', run: (source: DataSource, key: string, body: JsonBody, condition: Condition) => Promise<ChangeResult>): void => {
    app.route({
      method, url: item,
      handler: async (request, reply) => {
        const place = { ...(await caller(request)), signal: signalOf(request) };
        assertMediaType(request, method);
        const { key } = itemQueryOf(request.query);
        const source = await open(request, place, key);
        return await sendOutcome(reply, changed(request, await run(source, keyOf(request), request.body as JsonBody, conditionOf(request.headers))));
      },
    });
  };
  change('PUT', (source, key, body, condition) => source.replace(key, body, condition));
  change('PATCH', (source, key, body, condition) => source.patch(key, body, condition));
  change('DELETE', (source, key, _body, condition) => source.remove(key, condition));
}

async function insert(request: FastifyRequest, source: DataSource, body: JsonBody | undefined): Promise<Outcome> {
  if (body === undefined) throw new RequestError('body', 'expected an object, or a list of objects');
  const values = Array.isArray(body.value) ? (body.value as unknown[]) : [body.value];
  if (values.length > httpLimits.insertRows) throw new FacetError('limit_exceeded', `at most ${httpLimits.insertRows} at once: send more as application/x-ndjson`);
  if (values.length === 0) return { status: 200, headers: {}, body: '[]' };
  const stored = await source.insert(values.map((value) => ({ text: '', value })), body);
  const preference = returnPreferenceOf(request.headers.prefer);
  const [first] = stored;
  const headers: Record<string, string> = preference === undefined ? {} : { 'preference-applied': `return=${preference}` };
  if (!Array.isArray(body.value) && first !== undefined) {
    headers['etag'] = `"${tagOf(first.json)}"`;
    if (first.key !== '') headers['location'] = `${pathPart(request.url)}/${first.key}`;
  }
  if (preference === 'minimal' || stored.length === 0) return { status: 201, headers };
  return { status: 201, headers, body: Array.isArray(body.value) ? `[${stored.map(({ json }) => json).join(',')}]` : first!.json };
}

function changed(request: FastifyRequest, result: ChangeResult): Outcome {
  if (result === 'missing' && request.headers['if-match'] === undefined) throw missing();
  if (result === 'missing' || result === 'mismatch') throw new PreconditionFailed();
  const preference = returnPreferenceOf(request.headers.prefer);
  const isRemoval = request.method === 'DELETE';
  const headers: Record<string, string> = {
    ...(preference === undefined ? {} : { 'preference-applied': `return=${preference}` }),
    ...(isRemoval ? {} : { etag: `"${tagOf(result.json)}"` }),
  };
  if (preference === 'minimal' || (isRemoval && preference === undefined)) return { status: result.isNew ? 201 : 204, headers };
  return { status: result.isNew ? 201 : 200, headers, body: result.json };
}

/** Rows as they come, in one transaction. Who accepts lines of JSON is told of the progress; others get the sum, or the problem. */
async function load(request: FastifyRequest, reply: FastifyReply, source: DataSource): Promise<FastifyReply | string> {
  refuseIdempotency(request, 'a stream of rows is not kept');
  const pieces = piecesInTime(request.body as Readable);
  const batches = request.headers['content-type']?.startsWith('text/csv') === true ? csvRows(pieces, (name, text, isQuoted) => source.csvValue(name, text, isQuoted)) : jsonRows(pieces);
  if (preferredType(request.headers.accept, ['application/json', 'application/x-ndjson']) === 'application/x-ndjson') {
    return await reply.type('application/x-ndjson').send(Readable.from(progressOf(source, batches), { objectMode: false }));
  }
  let inserted = 0;
  await source.load(batches, (rows) => (inserted = rows));
  return asJson(reply.code(201), JSON.stringify({ inserted }));
}

async function* progressOf(source: DataSource, batches: Parameters<DataSource['load']>[0]): AsyncGenerator<string> {
  const lines: string[] = [];
  let wake = (): void => {};
  let inserted = 0;
  let isDone = false;
  const say = (line: unknown): void => {
    lines.push(`${JSON.stringify(line)}\n`);
    wake();
  };
  const loading = source.load(batches, (rows) => say({ rows: (inserted = rows) })).then(
    () => say({ inserted }),
    (error: unknown) => say({ error: problemOf(error) }),
  ).finally(() => {
    isDone = true;
    wake();
  });
  while (!isDone || lines.length > 0) {
    if (lines.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    yield lines.splice(0).join('');
  }
  await loading;
}

class PreconditionFailed extends Error {
  readonly statusCode = 412;
  constructor() {
    super('the item is in another state');
  }
}

class MediaTypeRefused extends Error {
  readonly statusCode = 415;
}

const acceptedTypes = { PUT: 'application/json', PATCH: 'application/merge-patch+json', DELETE: '' } as const;

function assertMediaType(request: FastifyRequest, method: keyof typeof acceptedTypes): void {
  const expected = acceptedTypes[method];
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  // A patch in plain JSON cannot be anything else here.
  if (expected !== '' && type !== expected && !(method === 'PATCH' && type === 'application/json')) throw new MediaTypeRefused(`expected ${expected}`);
}

function missing(): FacetError {
  return new FacetError('object_unknown', 'there is no item with this key');
}

function pathOf({ params }: FastifyRequest, key: readonly string[] | undefined): DataPath {
  // The router gives both, as texts.
  const { schema, name } = params as { readonly schema: string; readonly name: string };
  return { schema, name, key };
}

/** As it stands in the URL: what is percent-encoded of it is no separator. */
function keyOf(request: FastifyRequest): string {
  const path = pathPart(request.url);
  return path.slice(path.lastIndexOf('/') + 1);
}

function pathPart(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

function nextUrl(url: string, after: string): string {
  const next = new URL(url, 'http://host');
  next.searchParams.set('after', after);
  return `${next.pathname}${next.search}`;
}

/** For handlers to return: Fastify sends a text sooner than it finds out that a reply was sent. */
function asJson(reply: FastifyReply, json: string): string {
  void reply.header('content-type', 'application/json; charset=utf-8');
  return json;
}

// /keys/{database}/{key}: strings, hashes, lists, sets and sorted sets as whole values, and changes of parts of them.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { FacetError } from '../../../kernel/errors.ts';
import { decimalNumber, wholeNumber } from '../decimal-text.ts';
import { argumentBytes, keyArgument } from '../key-reply.ts';
import { type KeyKind, type KeyValueBody, keyKinds, keyValueSchema, scored, scoredArguments, writesOf } from '../key-values.ts';
import { httpLimits } from '../limits.ts';
import { preferredType } from '../preferred-type.ts';
import { RequestError, parsed } from '../request-error.ts';
import type { CommandPlace, KeyReply } from '../store-access.ts';
import type { StoreRoutes } from '../store-routes.ts';
import { inTransaction } from '../within-transaction.ts';

const path = '/keys/:database/:key';
const pathParameters = z.object({ database: wholeNumber(z.number().int().min(0).max(15)), key: z.string() });
const rawQuery = z.strictObject({ expiresInSeconds: decimalNumber(z.number().positive().max(httpLimits.expirySecondsMax)).optional() });
const elements = z.array(keyArgument).min(1).max(httpLimits.rows);
export const keyPatchSchema = z.strictObject({
  set: z.record(z.string(), keyArgument.nullable()).optional().describe('Fields of a hash; null removes one.'),
  append: elements.optional().describe('At the end of a list.'),
  prepend: elements.optional().describe('At the beginning of a list, in this order.'),
  add: z.union([elements, z.array(scored).min(1).max(httpLimits.rows)]).optional().describe('Members of a set, or of a sorted set with their scores.'),
  remove: elements.optional().describe('Members of a set or a sorted set.'),
  expiresAt: z.iso.datetime({ offset: true }).nullable().optional().describe('When the key is gone; null for never.'),
});

type Run = (...request: readonly (string | Buffer)[]) => Promise<KeyReply>;

export function addKeyRoutes(app: FastifyInstance, routes: StoreRoutes): void {
  void app.register((scope, _options, done) => {
    scope.addContentTypeParser(['application/octet-stream', 'text/plain'], { parseAs: 'buffer' }, (_request, body, parsedBody) => parsedBody(null, body));
    addRoutes(scope, routes);
    done();
  });
}

function addRoutes(app: FastifyInstance, { access, caller, signalOf }: StoreRoutes): void {
  const open = async (request: FastifyRequest): Promise<{ place: CommandPlace; database: number; key: Buffer; run: Run }> => {
    const place = { ...(await caller(request)), signal: signalOf(request) };
    const { database, key } = parsed(pathParameters, request.params, 'path');
    return { place, database, key: Buffer.from(key), run: runIn(place, database) };
  };
  const runIn = (place: CommandPlace, database: number): Run => (...request) => access().keyCommand(request.map((part) => Buffer.from(part)), { ...place, database });
  /** All of it, or nothing. */
  const together = async (place: CommandPlace, database: number, body: (run: Run) => Promise<unknown>): Promise<void> =>
    void (await inTransaction(access(), place, 'repeatable read', (transaction) => body(runIn({ ...place, transaction }, database))));

  app.get(path, async (request, reply) => {
    const { key, run } = await open(request);
    const type = await typeOf(run, key);
    const isRaw = type === 'string' && preferredType(request.headers.accept, ['application/json', 'application/octet-stream']) === 'application/octet-stream';
    const [count, expires] = await Promise.all([run(...keyKinds[type].count(key)), run('PEXPIRETIME', key)]);
    if (Number(count) > httpLimits.rows) throw new FacetError('limit_exceeded', `the value has more than ${httpLimits.rows} elements: read it with commands`);
    const value = await run(...keyKinds[type].read(key));
    if (value === null) throw missing();
    if (isRaw) return await reply.type('application/octet-stream').send(Buffer.from(value as Uint8Array));
    return { type, value: keyKinds[type].value(value), expiresAt: Number(expires) < 0 ? null : new Date(Number(expires)).toISOString() };
  });

  app.put(path, async (request, reply) => {
    const { place, database, key, run } = await open(request);
    const body = bodyOf(request);
    const [write, ...more] = writesOf(key, body);
    if (request.headers['if-none-match'] === '*') {
      if (body.type !== 'string') throw new RequestError('if-none-match', 'only a string is set on this condition');
      if ((await run(...write!, 'NX')) === null) return await reply.code(412).send();
    } else if (more.length === 0) await run(...write!);
    else await together(place, database, async (within) => { for (const command of [write!, ...more]) await within(...command); });
    return await reply.code(204).send();
  });

  app.patch(path, async (request, reply) => {
    const { place, database, key } = await open(request);
    const patch = parsed(keyPatchSchema, request.body);
    await together(place, database, async (run) => { for (const command of await patchCommands(run, key, patch)) await run(...command); });
    return await reply.code(204).send();
  });

  app.delete(path, async (request, reply) => {
    const { key, run } = await open(request);
    if (Number(await run('DEL', key)) === 0) throw missing();
    return await reply.code(204).send();
  });
}

async function typeOf(run: Run, key: Buffer): Promise<KeyKind> {
  const type = await run('TYPE', key);
  if (type === 'none') throw missing();
  if (typeof type !== 'string' || !Object.hasOwn(keyKinds, type)) throw new FacetError('wrong_kind', 'it has no form in JSON: read it with commands');
  return type as KeyKind;
}

/** A text or bytes as they are, or a value with its type. */
function bodyOf(request: FastifyRequest): KeyValueBody {
  const { expiresInSeconds } = parsed(rawQuery, request.query, 'query');
  const expiresAt = expiresInSeconds === undefined ? null : new Date(Date.now() + expiresInSeconds * 1_000).toISOString();
  if (Buffer.isBuffer(request.body)) return { type: 'string', value: { base64: request.body.toString('base64') }, expiresAt };
  const body = parsed(keyValueSchema, request.body);
  if (body.type === 'hash' && Object.keys(body.value).length === 0) throw new RequestError('value', 'a hash has at least one field');
  return body.expiresAt === null ? { ...body, expiresAt } : body;
}

async function patchCommands(run: Run, key: Buffer, { set, append, prepend, add, remove, expiresAt }: z.output<typeof keyPatchSchema>): Promise<(readonly (string | Buffer)[])[]> {
  const commands: (readonly (string | Buffer)[])[] = [];
  const fields = Object.entries(set ?? {});
  const given = fields.flatMap(([field, value]) => (value === null ? [] : [Buffer.from(field), argumentBytes(value)]));
  const dropped = fields.filter(([, value]) => value === null).map(([field]) => field);
  if (given.length > 0) commands.push(['HSET', key, ...given]);
  if (dropped.length > 0) commands.push(['HDEL', key, ...dropped]);
  if (append !== undefined) commands.push(['RPUSH', key, ...append.map(argumentBytes)]);
  if (prepend !== undefined) commands.push(['LPUSH', key, ...prepend.toReversed().map(argumentBytes)]);
  const withScores = scoredMembers.safeParse(add);
  if (withScores.success) commands.push(['ZADD', key, ...scoredArguments(withScores.data)]);
  else if (add !== undefined) commands.push(['SADD', key, ...(add as z.output<typeof elements>).map(argumentBytes)]);
  if (remove !== undefined) {
    const isSorted = withScores.success || (await run('TYPE', key)) === 'zset';
    commands.push([isSorted ? 'ZREM' : 'SREM', key, ...remove.map(argumentBytes)]);
  }
  if (expiresAt !== undefined) commands.push(expiresAt === null ? ['PERSIST', key] : ['PEXPIREAT', key, String(Date.parse(expiresAt))]);
  if (commands.length === 0) throw new RequestError('body', 'nothing is to be changed');
  return commands;
}

const scoredMembers = z.array(scored);

function missing(): FacetError {
  return new FacetError('object_unknown', 'there is no such key');
}

// POST /sql: one statement with parameters; its rows as one JSON document, as a stream of JSON lines, or as CSV.

import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { SqlOutcome, SqlRow } from '../../../facets/relational/index.ts';
import { FacetError } from '../../../kernel/errors.ts';
import { once, refuseIdempotency } from '../idempotency.ts';
import { csvField, jsonRow } from '../json-values.ts';
import { httpLimits } from '../limits.ts';
import { jsonOutcome, sendOutcome } from '../outcome.ts';
import { preferredType } from '../preferred-type.ts';
import { parsed } from '../request-error.ts';
import type { CommandPlace } from '../store-access.ts';
import { typedJson } from '../typed-json.ts';
import type { StoreRoutes } from '../store-routes.ts';

export const sqlBody = z.strictObject({
  statement: z.string().min(1).describe('One SQL statement, with $1 for the first parameter.'),
  parameters: z.array(z.json()).default([]).describe('Values of its parameters.'),
  form: z.enum(['plain', 'typed']).default('plain').describe('How values are written that JSON has no type for: as texts, or as objects named for the type.'),
  timeoutMs: z.number().int().min(1).max(httpLimits.statementTimeoutMs).optional().describe('Ends the statement after that time.'),
});

type RowWriter = (row: SqlRow) => unknown;
const rowWriters: Readonly<Record<'plain' | 'typed', RowWriter>> = { plain: jsonRow, typed: (row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typedJson(value)])) };

type Stream = AsyncGenerator<readonly SqlRow[], SqlOutcome>;

export function addSqlRoute(app: FastifyInstance, { access, caller, signalOf }: StoreRoutes): void {
  app.post('/sql', async (request, reply) => {
    const from = await caller(request);
    const { statement, parameters, form, timeoutMs = httpLimits.statementTimeoutMs } = parsed(sqlBody, request.body);
    const open = (place: CommandPlace): Stream => access().relational.stream({ ...place, timeoutMs }, statement, parameters);
    const type = preferredType(request.headers.accept, ['application/json', 'application/x-ndjson', 'text/csv']);
    if (type === 'application/json') {
      const work = { request, access: access(), caller: from, signal: signalOf(request), isolation: 'read committed' } as const;
      return await sendOutcome(reply, await once(work, async (place) => jsonOutcome(await whole(open(place), rowWriters[form]))));
    }
    refuseIdempotency(request, 'a stream is not kept: accept application/json');
    const rows = open({ ...from, signal: signalOf(request) });
    const first = await rows.next();
    switch (type) {
      case 'application/x-ndjson':
        return await sendStream(reply, type, jsonLines(first, rows, rowWriters[form]));
      case 'text/csv':
        return await sendStream(reply, 'text/csv; header=present; charset=utf-8', csvLines(first, rows));
    }
  });
}

async function sendStream(reply: FastifyReply, type: string, chunks: AsyncGenerator<string>): Promise<FastifyReply> {
  return await reply.type(type).send(Readable.from(chunks, { objectMode: false }));
}

type First = Awaited<ReturnType<Stream['next']>>;

async function whole(rows: Stream, write: RowWriter): Promise<{ readonly rows: readonly unknown[]; readonly rowCount: number; readonly command: string }> {
  const all: unknown[] = [];
  let step = await rows.next();
  for (; step.done !== true; step = await rows.next()) {
    for (const row of step.value) all.push(write(row));
    if (all.length > httpLimits.rows) {
      await rows.return({ tag: '', rowCount: 0 });
      throw new FacetError('limit_exceeded', `the result has more than ${httpLimits.rows} rows: ask for application/x-ndjson or text/csv`);
    }
  }
  return { rows: all, rowCount: step.value.rowCount, command: step.value.tag };
}

/** The batches; who stops reading them gives up the statement. */
async function* batchesOf(first: First, rows: Stream): AsyncGenerator<readonly SqlRow[]> {
  try {
    for (let step = first; step.done !== true; step = await rows.next()) yield step.value;
  } finally {
    await rows.return({ tag: '', rowCount: 0 });
  }
}

async function* jsonLines(first: First, rows: Stream, write: RowWriter): AsyncGenerator<string> {
  for await (const batch of batchesOf(first, rows)) yield batch.map((row) => `${JSON.stringify(write(row))}\n`).join('');
}

async function* csvLines(first: First, rows: Stream): AsyncGenerator<string> {
  let names: readonly string[] | undefined;
  for await (const batch of batchesOf(first, rows)) {
    if (names === undefined) {
      names = Object.keys(batch[0] ?? {});
      yield `${names.map(csvField).join(',')}\r\n`;
    }
    const columns = names;
    yield batch.map((row) => `${columns.map((name) => csvField(row[name])).join(',')}\r\n`).join('');
  }
}

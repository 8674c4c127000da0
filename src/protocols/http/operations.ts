// An operation on any model, in the language of that model: a statement of SQL, a command on documents, a command on keys.

import type { Document } from 'bson';
import { z } from 'zod';
import { DocumentError } from '../../facets/documents/index.ts';
import { bsonOf, jsonOf, type JsonForm } from './extended-json.ts';
import { jsonRow } from './json-values.ts';
import { argumentBytes, keyRequest, replyJson } from './key-reply.ts';
import { httpLimits } from './limits.ts';
import { RequestError } from './request-error.ts';
import type { CommandPlace, StoreAccess } from './store-access.ts';

export const operationSchema = z.union([
  z.strictObject({ sql: z.string().min(1), parameters: z.array(z.json()).default([]) }).describe('A statement of SQL.'),
  z.strictObject({ documents: z.record(z.string(), z.unknown()), database: z.string().min(1) }).describe('A command of MongoDB, in Extended JSON.'),
  z.strictObject({ keys: keyRequest, database: z.number().int().min(0).max(15).default(0) }).describe('A command of Redis: its name and arguments.'),
]);

export type Operation = z.output<typeof operationSchema>;

/** `field`: where the operation stands in the request. Errors: those of the model; `document_refused` for a command that failed. */
export async function perform(access: StoreAccess, place: CommandPlace, operation: Operation, { field, form = 'relaxed' }: { readonly field: string; readonly form?: JsonForm }): Promise<unknown> {
  if ('sql' in operation) {
    const { rows, rowCount, tag } = await access.relational.query({ ...place, timeoutMs: httpLimits.statementTimeoutMs }, operation.sql, operation.parameters);
    return { rows: rows.map(jsonRow), rowCount, command: tag };
  }
  if ('documents' in operation) {
    const { $db: named } = operation.documents;
    if (named !== undefined && named !== operation.database) throw new RequestError(`${field}.$db`, `the database is "${operation.database}"`);
    const body = bsonOf({ ...operation.documents, $db: operation.database }, `${field}.documents`);
    return succeeded(jsonOf(await access.documentCommand(body, place), form));
  }
  return replyJson(await access.keyCommand(operation.keys.map(argumentBytes), { ...place, database: operation.database }));
}

/** The reply, without what only drivers look at. Throws DocumentError for that of a command that failed. */
export function succeeded({ $clusterTime: _clusterTime, operationTime: _operationTime, ...reply }: Document): Document {
  if (numberOf(reply['ok']) === 1) return reply;
  throw new DocumentError(numberOf(reply['code'] ?? 1), String(reply['errmsg'] ?? 'the command failed'));
}

/** A number in either form of Extended JSON. */
function numberOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? Number(Object.values(value)[0]) : Number(value);
}

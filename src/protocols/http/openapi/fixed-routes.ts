// The routes that every store has, as rows for their description; the schemas are those that check the requests.

import { z } from 'zod';
import { keyRequest } from '../key-reply.ts';
import { keyValueSchema } from '../key-values.ts';
import { commandParameters, formQuery, keyCommandParameters } from '../routes/commands.ts';
import { keyPatchSchema } from '../routes/keys.ts';
import { sqlBody } from '../routes/sql.ts';
import { tokenBody } from '../routes/tokens.ts';
import { listBody, openBody, tokenParameters } from '../routes/transactions.ts';

export type FixedRoute = {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly parameters?: { readonly path?: z.ZodObject; readonly query?: z.ZodObject };
  readonly body?: z.ZodType;
  readonly bodyType?: string;
  readonly success?: '200' | '201' | '204';
  readonly answer: string;
};

const keyPath = z.object({ database: z.int().min(0).max(15), key: z.string() });
const idPath = z.object({ id: z.uuid() });
const document = z.record(z.string(), z.unknown()).describe('A command of MongoDB, in Extended JSON.');

export const fixedRoutes: readonly FixedRoute[] = [
  { method: 'post', path: '/sql', tag: 'SQL', summary: 'Run one statement', body: sqlBody, answer: 'Its rows: as JSON, or as lines of JSON or CSV by the header Accept.' },
  { method: 'post', path: '/transaction', tag: 'Transactions', summary: 'Run operations of all models in one transaction', body: listBody, answer: 'Their results, in order.' },
  { method: 'post', path: '/transactions', tag: 'Transactions', summary: 'Open a transaction', body: openBody, success: '201', answer: 'Its token, for the header FacetDB-Transaction.' },
  { method: 'post', path: '/transactions/{token}/commit', tag: 'Transactions', summary: 'Commit it', parameters: { path: tokenParameters }, success: '204', answer: 'Committed.' },
  { method: 'post', path: '/transactions/{token}/rollback', tag: 'Transactions', summary: 'Roll it back', parameters: { path: tokenParameters }, success: '204', answer: 'Rolled back.' },
  { method: 'post', path: '/commands/documents/{database}', tag: 'Documents', summary: 'Run a command on documents', parameters: { path: commandParameters, query: formQuery }, body: document, answer: 'Its reply, in Extended JSON.' },
  { method: 'post', path: '/commands/keys/{database}', tag: 'Keys', summary: 'Run a command on keys', parameters: { path: keyCommandParameters }, body: keyRequest, answer: 'Its reply.' },
  { method: 'get', path: '/keys/{database}/{key}', tag: 'Keys', summary: 'Read a value', parameters: { path: keyPath }, answer: 'The value with its type; a string’s bytes as application/octet-stream.' },
  { method: 'put', path: '/keys/{database}/{key}', tag: 'Keys', summary: 'Set a whole value', parameters: { path: keyPath }, body: keyValueSchema, success: '204', answer: 'Set.' },
  { method: 'patch', path: '/keys/{database}/{key}', tag: 'Keys', summary: 'Change parts of a value', parameters: { path: keyPath }, body: keyPatchSchema, success: '204', answer: 'Changed.' },
  { method: 'delete', path: '/keys/{database}/{key}', tag: 'Keys', summary: 'Remove a key', parameters: { path: keyPath }, success: '204', answer: 'Removed.' },
  { method: 'post', path: '/tokens', tag: 'Access', summary: 'Issue a bearer token', body: tokenBody, success: '201', answer: 'The token, which is shown this once.' },
  { method: 'get', path: '/tokens', tag: 'Access', summary: 'List tokens', answer: 'Those of the role and those that it has issued.' },
  { method: 'delete', path: '/tokens/{id}', tag: 'Access', summary: 'Revoke a token', parameters: { path: idPath }, success: '204', answer: 'Revoked.' },
  { method: 'get', path: '/health', tag: 'Server', summary: 'Whether requests can be served', answer: 'They can; 503 where not.' },
  { method: 'get', path: '/metrics', tag: 'Server', summary: 'Figures for Prometheus', answer: 'In its text format.' },
];

// Requests to a FacetDB elsewhere, and its problems as the errors that they were there.

import { StringDecoder } from 'node:string_decoder';
import { DocumentError } from '../facets/documents/index.ts';
import { type ErrorCode, FacetError, errorMessages, systemErrorCode } from '../kernel/errors.ts';
import type { Problem } from '../protocols/http/problem.ts';

export type Credentials = { readonly user: string; readonly password: string } | { readonly token: string };

type Request = { readonly path: string; readonly body: unknown; readonly headers?: Readonly<Record<string, string>>; readonly signal?: AbortSignal | undefined };

export class HttpDoor {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** Errors: `configuration_invalid`. Credentials may stand in the URL. */
  constructor(url: string, credentials?: Credentials) {
    const address = URL.canParse(url) ? new URL(url) : undefined;
    if (address === undefined || !/^https?:$/.test(address.protocol)) throw new FacetError('configuration_invalid', 'expected a URL that begins with http:// or https://');
    const inUrl = address.username === '' ? undefined : { user: decodeURIComponent(address.username), password: decodeURIComponent(address.password) };
    this.#base = `${address.origin}${address.pathname.replace(/\/$/, '')}`;
    const authorization = authorizationOf(credentials ?? inUrl);
    this.#headers = { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) };
  }

  /** The answer. Errors: those of the server, `cancelled`, `engine_unavailable`, `connection_lost`. */
  async post({ path, body, headers, signal }: Request): Promise<Response> {
    if (signal?.aborted === true) throw new FacetError('cancelled');
    let response: Response;
    try {
      response = await fetch(`${this.#base}${path}`, { method: 'POST', headers: { ...this.#headers, ...headers }, body: JSON.stringify(body), signal: signal ?? null });
      if (response.ok) return response;
      throw errorOf((await response.json()) as Problem);
    } catch (error) {
      throw lost(error, signal);
    }
  }

  async json(request: Request): Promise<unknown> {
    const response = await this.post(request);
    try {
      return await response.json();
    } catch (error) {
      throw lost(error, request.signal);
    }
  }

  /** The lines of the answer, in batches as they come. */
  async *lines(request: Request): AsyncGenerator<readonly string[]> {
    const { body } = await this.post(request);
    const decoder = new StringDecoder('utf8');
    let rest = '';
    try {
      for await (const piece of (body as unknown as AsyncIterable<Uint8Array>)) {
        rest += decoder.write(Buffer.from(piece));
        const lines = rest.split('\n');
        rest = lines.pop()!;
        if (lines.length > 0) yield lines;
      }
    } catch (error) {
      throw lost(error, request.signal);
    }
  }
}

function authorizationOf(credentials: Credentials | undefined): string | undefined {
  if (credentials === undefined) return undefined;
  if ('token' in credentials) return `Bearer ${credentials.token}`;
  return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
}

function errorOf({ code, status, title, detail = '', field, documentError }: Partial<Problem>): FacetError {
  if (documentError !== undefined) return new DocumentError(documentError.code, detail);
  const known: ErrorCode = code !== undefined && Object.hasOwn(errorMessages, code) ? code : 'query_failed';
  return new FacetError(known, code === undefined ? `${status} ${title}: ${detail}` : detail, field === undefined ? {} : { field });
}

function lost(error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof FacetError) return error;
  if (signal?.aborted === true) return new FacetError('cancelled', '', { cause: error });
  const cause = error instanceof Error ? error.cause : undefined;
  const isNotReached = ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH'].includes(systemErrorCode(cause) ?? '');
  return new FacetError(isNotReached ? 'engine_unavailable' : 'connection_lost', cause instanceof Error ? cause.message : 'the answer could not be read', { cause: error });
}

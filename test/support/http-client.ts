// The shared server over HTTP, as a client with nothing but fetch uses it.

import { sharedServer } from './shared-server.ts';

export type Answer = { readonly status: number; readonly headers: Headers; readonly type: string | null; readonly text: string; readonly json: <T = Record<string, unknown>>() => T };

export class HttpClient {
  readonly url: string;
  readonly authorization: string;

  private constructor(url: string, authorization: string) {
    this.url = url;
    this.authorization = authorization;
  }

  /** As the administrator. */
  static async open(): Promise<HttpClient> {
    const { http, postgres } = await sharedServer();
    const { username, password } = new URL(postgres);
    return new HttpClient(http, basic(decodeURIComponent(username), decodeURIComponent(password)));
  }

  as(role: string, password: string): HttpClient {
    return new HttpClient(this.url, basic(role, password));
  }

  /** `body`: a text as it is, anything else as JSON. */
  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: { authorization: this.authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, type: response.headers.get('content-type'), text, json: <T>() => JSON.parse(text) as T };
  }

  async sql(statement: string): Promise<Record<string, unknown>[]> {
    const { status, text, json } = await this.ask('POST', '/sql', { statement });
    if (status !== 200) throw new Error(`${statement}: ${text}`);
    return json<{ rows: Record<string, unknown>[] }>().rows;
  }
}

function basic(role: string, password: string): string {
  return `Basic ${Buffer.from(`${role}:${password}`).toString('base64')}`;
}

// What a request came to, before it is a reply: so that it can be kept and given once more.

import type { FastifyReply } from 'fastify';

export type Outcome = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: string;
};

export function jsonOutcome(value: unknown, status = 200): Outcome {
  return { status, headers: {}, body: JSON.stringify(value) };
}

export async function sendOutcome(reply: FastifyReply, { status, headers, body }: Outcome): Promise<FastifyReply> {
  void reply.code(status).headers(headers);
  return body === undefined ? await reply.send() : await reply.type('application/json; charset=utf-8').send(body);
}

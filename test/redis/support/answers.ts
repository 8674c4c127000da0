// What a request is answered with, taken apart by what a test expects of it.

import assert from 'node:assert/strict';
import type { RespClient } from './resp-client.ts';
import type { RespReply } from './resp-reply.ts';

/** The reply, which has to be there and no error. */
export async function answerOf(client: RespClient, ...words: readonly string[]): Promise<RespReply> {
  const reply = await client.call(...words);
  assert.ok(typeof reply !== 'symbol' && reply.type !== '-', `${words[0]}: ${JSON.stringify(reply)}`);
  return reply;
}

export function itemsOf(reply: RespReply): readonly RespReply[] {
  assert.ok('items' in reply && reply.items !== null);
  return reply.items;
}

export function textOf(reply: RespReply): string {
  assert.ok('bytes' in reply && reply.bytes !== null);
  return reply.bytes.toString('latin1');
}

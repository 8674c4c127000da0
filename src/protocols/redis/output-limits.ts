// `client-output-buffer-limit`: how much output a client may leave untaken before it is disconnected.

import { parseMemory, wordsOf } from './configuration-words.ts';
import { RedisError } from './redis-error.ts';

const clientClasses = ['normal', 'slave', 'pubsub'] as const;
export type ClientClass = (typeof clientClasses)[number];

/** 0: no limit. Above the soft one for so many seconds, or above the hard one, the client is cut. */
export type OutputLimit = { readonly hardBytes: number; readonly softBytes: number; readonly softSeconds: number };
export type OutputLimits = Readonly<Record<ClientClass, OutputLimit>>;

/** Reads groups of four words; classes that are not named stay as in `before`. Throws `RedisError` with the reason alone. */
export function parseOutputLimits(value: string, before: OutputLimits | undefined): OutputLimits {
  const none: OutputLimit = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
  const limits: Record<ClientClass, OutputLimit> = { ...(before ?? { normal: none, slave: none, pubsub: none }) };
  const words = wordsOf(value);
  if (words.length === 0 || words.length % 4 !== 0) throw new RedisError('Wrong number of arguments in buffer limit configuration.');
  for (let index = 0; index < words.length; index += 4) {
    const [name = '', hard = '', soft = '', seconds = ''] = words.slice(index, index + 4);
    const clientClass = name.toLowerCase() === 'replica' ? 'slave' : clientClasses.find((known) => known === name.toLowerCase());
    if (clientClass === undefined) throw new RedisError('Invalid client class specified in buffer limit configuration.');
    const [hardBytes, softBytes] = [parseMemory(hard), parseMemory(soft)];
    if (hardBytes === undefined || hardBytes < 0n || softBytes === undefined || softBytes < 0n || !/^\d{1,9}$/u.test(seconds)) {
      throw new RedisError('Error in hard, soft or soft_seconds setting in buffer limit configuration.');
    }
    limits[clientClass] = { hardBytes: Number(hardBytes), softBytes: Number(softBytes), softSeconds: Number(seconds) };
  }
  return limits;
}

export function showOutputLimits(limits: OutputLimits): string {
  return clientClasses.map((name) => `${name} ${limits[name].hardBytes} ${limits[name].softBytes} ${limits[name].softSeconds}`).join(' ');
}

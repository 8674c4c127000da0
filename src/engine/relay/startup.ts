// The beginning of a connection: what a client sends before the first message with a type. Source: PostgreSQL's manual,
// "Message Formats" (StartupMessage, SSLRequest, GSSENCRequest, CancelRequest).

import type { Socket } from 'node:net';

const codes = { cancel: 80_877_102, tls: 80_877_103, gss: 80_877_104 } as const;
/** PostgreSQL's own limit of a startup packet. */
const longest = 10_000;

export type Startup =
  | { readonly kind: 'startup'; readonly packet: Buffer; readonly parameters: ReadonlyMap<string, string> }
  | { readonly kind: 'cancel'; readonly packet: Buffer; readonly processId: number; readonly secretKey: Buffer }
  | { readonly kind: 'tls' | 'gss' };

/** Reads one packet, whole; what follows it stays in the socket. Throws for what is none, and when the client hangs up. */
export async function readStartup(socket: Socket): Promise<Startup> {
  const head = await take(socket, 8);
  const length = head.readInt32BE(0);
  if (length < 8 || length > longest) throw new Error('a startup packet of an impossible length');
  const packet = length === 8 ? head : Buffer.concat([head, await take(socket, length - 8)]);
  switch (packet.readInt32BE(4)) {
    case codes.tls:
      return { kind: 'tls' };
    case codes.gss:
      return { kind: 'gss' };
    case codes.cancel:
      if (length < 12) throw new Error('a cancel request without a key');
      return { kind: 'cancel', packet, processId: packet.readInt32BE(8), secretKey: packet.subarray(12) };
    default:
      return { kind: 'startup', packet, parameters: parametersOf(packet) };
  }
}

function parametersOf(packet: Buffer): ReadonlyMap<string, string> {
  const words = packet.toString('utf8', 8).split('\0');
  const parameters = new Map<string, string>();
  for (let at = 0; at + 1 < words.length && words[at] !== ''; at += 2) parameters.set(words[at]!, words[at + 1]!);
  return parameters;
}

/** The packet with one more parameter. */
export function withParameter(packet: Buffer, name: string, value: string): Buffer {
  const added = Buffer.from(`${name}\0${value}\0\0`);
  // The last byte ends the list.
  const longer = Buffer.concat([packet.subarray(0, packet.length - 1), added]);
  longer.writeInt32BE(longer.length, 0);
  return longer;
}

async function take(socket: Socket, bytes: number): Promise<Buffer> {
  for (;;) {
    const chunk = socket.read(bytes) as Buffer | null;
    if (chunk !== null && chunk.length === bytes) return chunk;
    if (socket.readableEnded || socket.destroyed) throw new Error('the client hung up');
    if (chunk !== null) socket.unshift(chunk);
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of ['readable', 'end', 'close', 'error'] as const) socket.off(event, done);
        resolve();
      };
      for (const event of ['readable', 'end', 'close', 'error'] as const) socket.on(event, done);
    });
  }
}

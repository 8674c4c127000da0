// CancelRequest: what one connection is doing is cancelled over a connection of its own.

import { FrontendWriter } from './frontend-writer.ts';
import { wireLimits } from './limits.ts';
import { type Address, type TlsOptions, connectSocket } from './socket.ts';

export type Cancellation = { readonly address: Address; readonly tls: TlsOptions | undefined; readonly processId: number; readonly secretKey: Uint8Array };

/** Resolves once the server was told. */
export async function sendCancelRequest({ address, tls, processId, secretKey }: Cancellation): Promise<void> {
  const deadline = AbortSignal.timeout(wireLimits.cancelTimeoutMs);
  const socket = await connectSocket(address, tls, deadline);
  await new Promise<void>((resolve) => {
    const writer = new FrontendWriter();
    writer.cancelRequest(processId, secretKey);
    deadline.addEventListener('abort', () => socket.destroy(), { once: true });
    socket.on('error', () => {});
    // The server signals its process before it hangs up: once this socket is closed, a later statement is safe.
    socket.once('close', () => resolve());
    socket.resume();
    for (const chunk of writer.take()) socket.write(chunk);
  });
}

// Opens the socket to PostgreSQL: unix or TCP, and TLS where asked for ("SSL Session Encryption").

import { type Socket, connect } from 'node:net';
import { type ConnectionOptions as NodeTlsOptions, connect as connectTls } from 'node:tls';
import { FacetError, messageOf } from '../../kernel/errors.ts';
import { FrontendWriter } from './frontend-writer.ts';

export type Address = { readonly socketPath: string } | { readonly host: string; readonly port: number };

/** `prefer` goes on without TLS where the server has none; the others refuse. Names and meaning are libpq's. */
export type TlsOptions = { readonly mode: 'prefer' | 'require' | 'verify-ca' | 'verify-full'; readonly rootCertificate?: string };

/** A connected, paused socket. Errors: `engine_unavailable`. */
export async function connectSocket(address: Address, tls: TlsOptions | undefined, deadline: AbortSignal): Promise<Socket> {
  const isUnix = 'socketPath' in address;
  const socket = isUnix ? connect({ path: address.socketPath }) : connect({ host: address.host, port: address.port, noDelay: true, keepAlive: true });
  await opened(socket, 'connect', deadline, addressText(address));
  socket.pause();
  if (tls === undefined || isUnix) return socket;
  if (!(await askForTls(socket, deadline))) {
    if (tls.mode === 'prefer') return socket;
    socket.destroy();
    throw new FacetError('engine_unavailable', `${addressText(address)} does not offer TLS, which sslmode=${tls.mode} asks for`);
  }
  const secured = connectTls(tlsOptions(socket, address, tls));
  await opened(secured, 'secureConnect', deadline, addressText(address));
  secured.pause();
  return secured;
}

export function addressText(address: Address): string {
  return 'socketPath' in address ? address.socketPath : `${address.host}:${address.port}`;
}

function tlsOptions(socket: Socket, address: { readonly host: string }, tls: TlsOptions): NodeTlsOptions {
  const verified = tls.mode === 'verify-ca' || tls.mode === 'verify-full';
  return {
    socket,
    servername: address.host,
    rejectUnauthorized: verified,
    ...(tls.rootCertificate === undefined ? {} : { ca: tls.rootCertificate }),
    // verify-ca asks for a trusted chain but not for the name.
    ...(tls.mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}

function opened(socket: Socket, event: 'connect' | 'secureConnect', deadline: AbortSignal, where: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      socket.removeListener(event, onOpen);
      socket.removeListener('error', settle);
      deadline.removeEventListener('abort', onDeadline);
      if (error === undefined) return resolve();
      socket.on('error', () => {});
      socket.destroy();
      reject(new FacetError('engine_unavailable', `${where}: ${messageOf(error)}`, { cause: error }));
    };
    const onOpen = (): void => settle();
    const onDeadline = (): void => settle(new Error('no answer in time'));
    socket.once(event, onOpen);
    socket.once('error', settle);
    deadline.addEventListener('abort', onDeadline, { once: true });
    if (deadline.aborted) onDeadline();
  });
}

/** Sends SSLRequest; true when the server answers `S`. More than the one byte would be injected: refused. */
function askForTls(socket: Socket, deadline: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const fail = (): void => {
      socket.destroy();
      reject(new FacetError('engine_unavailable', 'the server did not answer the request for TLS'));
    };
    socket.once('error', fail);
    socket.once('close', fail);
    deadline.addEventListener('abort', fail, { once: true });
    socket.once('data', (answer: Buffer) => {
      socket.pause();
      socket.removeListener('error', fail);
      socket.removeListener('close', fail);
      deadline.removeEventListener('abort', fail);
      if (answer.length !== 1) return fail();
      resolve(answer[0] === 0x53);
    });
    const writer = new FrontendWriter();
    writer.sslRequest();
    for (const chunk of writer.take()) socket.write(chunk);
    socket.resume();
  });
}

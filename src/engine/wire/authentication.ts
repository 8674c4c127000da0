// From the startup message to the first ReadyForQuery: authentication by SCRAM-SHA-256, clear text (over TLS or a
// unix socket only) or nothing. MD5 is refused: PostgreSQL itself is giving it up.

import type { Socket } from 'node:net';
import { FacetError } from '../../kernel/errors.ts';
import { errorFromPostgres } from '../sqlstate.ts';
import { BackendReader } from './backend-reader.ts';
import { readErrorFields } from './error-response.ts';
import type { FrontendWriter } from './frontend-writer.ts';
import { type ScramExchange, type ScramKeys, type ScramProof, beginScram } from './scram-client.ts';

export type AuthenticationOptions = {
  readonly socket: Socket;
  readonly user: string;
  readonly secret: string | ScramKeys | undefined;
  readonly send: (write: (writer: FrontendWriter) => void) => void;
  readonly onParameter: (name: string, value: string) => void;
  readonly onKey: (processId: number, secretKey: Uint8Array) => void;
  readonly deadline: AbortSignal;
};

/** Resolves when the server is ready for queries, with the socket paused. Errors as `Connection.open`. */
export function authenticate(options: AuthenticationOptions): Promise<void> {
  const { socket, deadline } = options;
  const dialogue = new Dialogue(options);
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown): void => {
      socket.removeListener('data', onData);
      socket.removeListener('error', onError);
      socket.removeListener('close', onClose);
      deadline.removeEventListener('abort', onDeadline);
      socket.pause();
      if (error === undefined) resolve();
      else reject(error);
    };
    const reader = new BackendReader((type, buffer, start, end) => dialogue.receive(type, Buffer.from(buffer.subarray(start, end))));
    const onData = (chunk: Buffer): void => {
      try {
        reader.push(chunk);
      } catch (error) {
        settle(error);
      }
    };
    const onError = (cause: Error): void => settle(new FacetError('engine_unavailable', cause.message, { cause }));
    const onClose = (): void => settle(new FacetError('engine_unavailable', 'PostgreSQL closed the connection while it was set up'));
    const onDeadline = (): void => settle(new FacetError('engine_unavailable', 'PostgreSQL did not let us in in time'));
    socket.on('data', onData);
    socket.once('error', onError);
    socket.once('close', onClose);
    deadline.addEventListener('abort', onDeadline, { once: true });
    dialogue.finished.then(() => settle(), settle);
    socket.resume();
  });
}

/** The state of one authentication. Messages are handled one after the other, each awaited. */
class Dialogue {
  readonly #options: AuthenticationOptions;
  readonly finished: Promise<void>;
  #finish!: (error?: unknown) => void;
  #handled: Promise<void> = Promise.resolve();
  #exchange: ScramExchange | undefined;
  #proof: ScramProof | undefined;

  constructor(options: AuthenticationOptions) {
    this.#options = options;
    this.finished = new Promise((resolve, reject) => {
      this.#finish = (error) => (error === undefined ? resolve() : reject(error));
    });
  }

  receive(type: number, body: Buffer): void {
    this.#handled = this.#handled.then(() => this.#handle(type, body)).catch((error: unknown) => this.#finish(error));
  }

  async #handle(type: number, body: Buffer): Promise<void> {
    switch (type) {
      case 0x52: // Authentication…
        return await this.#authentication(body);
      case 0x53: { // ParameterStatus
        const nameEnd = body.indexOf(0);
        return this.#options.onParameter(body.toString('utf8', 0, nameEnd), body.toString('utf8', nameEnd + 1, body.length - 1));
      }
      case 0x4b: // BackendKeyData
        return this.#options.onKey(body.readInt32BE(0), body.subarray(4));
      case 0x5a: // ReadyForQuery
        return this.#finish();
      case 0x45: // ErrorResponse
        return this.#finish(errorFromPostgres(readErrorFields(body, 0, body.length)));
      default: // NoticeResponse, NegotiateProtocolVersion
        return;
    }
  }

  async #authentication(body: Buffer): Promise<void> {
    const { send, secret, user, socket } = this.#options;
    const kind = body.readInt32BE(0);
    switch (kind) {
      case 0: // AuthenticationOk
        return;
      case 3: // AuthenticationCleartextPassword
        if (typeof secret !== 'string') throw this.#noPassword();
        if (socket.remoteAddress !== undefined && !('encrypted' in socket)) {
          throw new FacetError('authentication_failed', 'the server asks for the password in clear text over a connection without TLS');
        }
        return send((writer) => writer.passwordMessage(secret));
      case 10: // AuthenticationSASL
        if (secret === undefined) throw this.#noPassword();
        if (!body.toString('utf8', 4).split('\0').includes('SCRAM-SHA-256')) {
          throw new FacetError('authentication_failed', 'the server offers no SASL mechanism that FacetDB knows (SCRAM-SHA-256)');
        }
        this.#exchange = beginScram(secret);
        return send((writer) => writer.saslInitialResponse('SCRAM-SHA-256', this.#exchange!.clientFirst));
      case 11: // AuthenticationSASLContinue
        if (this.#exchange === undefined) throw new FacetError('authentication_failed', 'unexpected SASL message');
        this.#proof = await this.#exchange.answer(body.toString('utf8', 4));
        return send((writer) => writer.saslResponse(this.#proof!.clientFinal));
      case 12: // AuthenticationSASLFinal
        if (this.#proof === undefined) throw new FacetError('authentication_failed', 'unexpected SASL message');
        return this.#proof.verify(body.toString('utf8', 4));
      default:
        throw new FacetError('authentication_failed', `the server asks role ${user} for authentication of kind ${kind}, which FacetDB does not speak (it speaks SCRAM-SHA-256)`);
    }
  }

  #noPassword(): FacetError {
    return new FacetError('authentication_failed', `the server asks for a password of role ${this.#options.user}, and none was given`);
  }
}

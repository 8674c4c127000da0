// Answers what Node.js could not even parse as a request: bad syntax, headers that are too long or too slow.

import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { systemErrorCode } from '../../kernel/errors.ts';
import { problemContentType, statusProblem } from './problem.ts';

/** Writes the answer, if anyone still listens, and ends the connection: what follows cannot be told from the rest. */
export function answerClientError(error: Error, socket: Socket): void {
  if (!socket.writable || systemErrorCode(error) === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = statusOf(error);
  const body = JSON.stringify(statusProblem(status, 'the request could not be read'));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: ${problemContentType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function statusOf(error: Error): number {
  switch (systemErrorCode(error)) {
    case 'HPE_HEADER_OVERFLOW':
      return 431;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    default:
      return 400;
  }
}

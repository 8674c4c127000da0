// COPY over `pg`, message by message ("COPY Operations" in PostgreSQL's protocol manual). postgres.js streams COPY too, but
// hands on no error that comes after the data, and stops reading when a large result ends.

import type pg from 'pg';

type CopyConnection = pg.Connection & { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void };

/** Runs `copy … from stdin` with this data. Rejects with PostgreSQL's error. */
export function copyIn(client: pg.Client, statement: string, data: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query({
      submit: submitter(statement),
      handleCopyInResponse(connection: CopyConnection) {
        connection.sendCopyFromChunk(Buffer.from(data));
        connection.endCopyFrom();
      },
      handleCommandComplete() {},
      handleError: reject,
      handleReadyForQuery: () => resolve(),
    } satisfies CopyHandlers);
  });
}

/** Runs `copy … to stdout` and returns all that came. Rejects with PostgreSQL's error. */
export function copyOut(client: pg.Client, statement: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    client.query({
      submit: submitter(statement),
      handleCopyData: ({ chunk }: { chunk: Buffer }) => chunks.push(chunk),
      handleCommandComplete() {},
      handleError: reject,
      handleReadyForQuery: () => resolve(Buffer.concat(chunks)),
    } satisfies CopyHandlers);
  });
}

/** What `pg` calls on an object that it is given instead of a query. */
type CopyHandlers = {
  submit(connection: pg.Connection): void;
  handleCopyInResponse?(connection: CopyConnection): void;
  handleCopyData?(message: { chunk: Buffer }): void;
  handleCommandComplete(): void;
  handleError(error: Error): void;
  handleReadyForQuery(): void;
};

function submitter(statement: string): CopyHandlers['submit'] {
  return (connection) => {
    connection.query(statement);
  };
}

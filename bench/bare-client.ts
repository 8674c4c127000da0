// The least that a client of PostgreSQL can do, as the measure for FacetDB's own: one socket, one prepared statement,
// hand-made Bind messages, and a loop that walks over the replies' headers without looking into them.

import { type Socket, connect } from 'node:net';

export type BareClient = {
  readonly prepare: (name: string, text: string, parameterOids: readonly number[]) => Promise<void>;
  /** Sends a Bind, Execute, Sync; resolves with the number of rows. */
  readonly execute: (bind: Buffer) => Promise<number>;
  readonly close: () => void;
};

const executeAndSync = Buffer.concat([message('E', Buffer.from([0, 0, 0, 0, 0])), message('S', Buffer.alloc(0))]);

export async function openBareClient(socketPath: string, user: string, database: string): Promise<BareClient> {
  const socket: Socket = connect(socketPath);
  const waiting: { resolve: (rows: number) => void; reject: (error: Error) => void }[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let rows = 0;
  let error: Error | undefined;
  socket.on('data', (chunk: Buffer) => {
    const buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let offset = 0;
    while (buffer.length - offset >= 5) {
      const end = offset + 1 + buffer.readInt32BE(offset + 1);
      if (end > buffer.length) break;
      const type = buffer[offset];
      if (type === 0x44) rows += 1;
      else if (type === 0x45) error = new Error(buffer.toString('utf8', offset + 5, end));
      else if (type === 0x5a) {
        const next = waiting.shift();
        if (error === undefined) next?.resolve(rows);
        else next?.reject(error);
        rows = 0;
        error = undefined;
      }
      offset = end;
    }
    rest = buffer.subarray(offset);
  });
  const answered = (): Promise<number> => new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  const parameters = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const startup = Buffer.alloc(8 + parameters.length);
  startup.writeInt32BE(startup.length, 0);
  startup.writeInt32BE(196608, 4);
  parameters.copy(startup, 8);
  socket.write(startup);
  await answered();
  return {
    prepare: async (name, text, parameterOids) => {
      const oids = Buffer.alloc(2 + 4 * parameterOids.length);
      oids.writeInt16BE(parameterOids.length, 0);
      parameterOids.forEach((oid, index) => oids.writeInt32BE(oid, 2 + 4 * index));
      socket.write(Buffer.concat([message('P', Buffer.concat([Buffer.from(`${name}\0${text}\0`), oids])), message('S', Buffer.alloc(0))]));
      await answered();
    },
    execute: (bind) => {
      socket.write(Buffer.concat([bind, executeAndSync]));
      return answered();
    },
    close: () => socket.destroy(),
  };
}

/** A Bind of binary parameters, all results in binary. */
export function bindMessage(name: string, values: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`\0${name}\0`), Buffer.from([0, 1, 0, 1, values.length >> 8, values.length & 255])];
  for (const value of values) parts.push(int32(value.length), value);
  parts.push(Buffer.from([0, 1, 0, 1]));
  return message('B', Buffer.concat(parts));
}

/** A one-dimensional bytea[] in binary. */
export function byteaArray(values: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [int32(1), int32(0), int32(17), int32(values.length), int32(1)];
  for (const value of values) parts.push(int32(value.length), value);
  return Buffer.concat(parts);
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

// Reads ErrorResponse and NoticeResponse ("Error and Notice Message Fields" in PostgreSQL's manual).

import type { Buffer } from 'node:buffer';
import type { PostgresErrorFields } from '../../kernel/errors.ts';

const fieldNames: Readonly<Record<number, keyof PostgresErrorFields>> = {
  0x43: 'sqlState',
  0x4d: 'message',
  0x56: 'severity',
  0x44: 'detail',
  0x48: 'hint',
  0x50: 'position',
  0x57: 'where',
  0x73: 'schema',
  0x74: 'table',
  0x63: 'column',
  0x64: 'dataType',
  0x6e: 'constraint',
};

/** The fields of the message body between `start` and `end`. */
export function readErrorFields(buffer: Buffer, start: number, end: number): PostgresErrorFields {
  const fields: { -readonly [Name in keyof PostgresErrorFields]: PostgresErrorFields[Name] } = { sqlState: 'XX000', message: '' };
  let offset = start;
  while (offset < end && buffer[offset] !== 0) {
    const name = fieldNames[buffer[offset]!];
    const terminator = buffer.indexOf(0, offset + 1);
    if (name !== undefined) fields[name] = buffer.toString('utf8', offset + 1, terminator);
    offset = terminator + 1;
  }
  return fields;
}

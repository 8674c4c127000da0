// What drivers of before MongoDB 3.6 sent instead of commands, which MongoDB removed in 5.1: a query or a further batch by an opcode of
// its own (some still do so for raw batches) is answered by an error in the form of that time; of commands as queries only those
// are left with which a connection begins. Source: MongoDB 7.0, src/mongo/db/dbmessage.cpp, service_entry_point_common.cpp.

import { DocumentError } from '../../facets/documents/index.ts';
import { encodeDocument } from '../../values/bson/encode.ts';
import { int32, type Value } from '../../values/bson/types.ts';
import { type LegacyRead, queryReply } from './message.ts';

const manual = 'The client driver may require an upgrade. For more details see https://dochub.mongodb.org/core/legacy-opcode-removal';

const commandsAsQueries: ReadonlySet<string> = new Set(['hello', 'isMaster', 'ismaster', 'authenticate', 'buildinfo', 'buildInfo', 'ping', 'saslContinue', 'saslStart']);

/** Throws DocumentError: UnsupportedOpQueryCommand. */
export function assertCommandAsQuery(name: string): void {
  if (!commandsAsQueries.has(name)) throw new DocumentError('UnsupportedOpQueryCommand', `Unsupported OP_QUERY command: ${name}. ${manual}`);
}

/** The OP_REPLY to it, in pieces to be written in a row. */
export function refuseLegacyRead({ requestId: responseTo, opcode, compressor }: LegacyRead, requestId: number): Uint8Array[] {
  const error = new Map<string, Value>([['$err', `${opcode} is no longer supported. ${manual}`], ['code', int32(5_739_101)], ['ok', 0]]);
  return queryReply(encodeDocument(error), { requestId, responseTo, compressor, isFailure: true });
}

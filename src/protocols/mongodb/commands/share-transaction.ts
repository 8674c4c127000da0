// shareTransaction: lets connections of other protocols into the session's transaction. FacetDB's own.

import { DocumentError } from '../../../facets/documents/index.ts';
import type { Value } from '../../../values/bson/types.ts';
import { command } from '../command.ts';
import { anyValue, required } from '../fields.ts';

export const shareTransaction = command({
  name: 'shareTransaction',
  summary: 'Gives the token with which other connections of the same user, of whatever protocol, work in the session’s transaction.',
  inTransaction: true,
  fields: { shareTransaction: required(anyValue) },
  run: (_fields, { server, operation: { transaction } }) => {
    if (transaction === undefined) throw new DocumentError('InvalidOptions', 'shareTransaction must be run within a transaction');
    return new Map<string, Value>([['token', server.options.transactions.share(transaction)]]);
  },
});

// explain.

import { DocumentError, type ExplainedCommand, type Verbosity } from '../../../facets/documents/index.ts';
import type { Document } from '../../../values/bson/types.ts';
import { command } from '../command.ts';
import { explainReply } from '../explain-reply.ts';
import { object, optional, required, text } from '../fields.ts';
import { aggregateFields, aggregateQueryOf } from './aggregate.ts';
import { findAndModifyFields, findAndModifyRequestOf } from './find-and-modify.ts';
import { countFields, countQueryOf, distinctFields, distinctQueryOf, findFields, findQueryOf, innerFields } from './find.ts';
import { deleteFields, deleteRequestOf, updateFields, updateRequestOf } from './write.ts';

const verbosities: readonly string[] = ['queryPlanner', 'executionStats', 'allPlansExecution'];

export const explain = command({
  name: 'explain',
  summary: "Shows the SQL of a command, PostgreSQL's plan, and what is left to the gateway.",
  apiVersion1: true,
  fields: { explain: required(object), verbosity: optional(text, 'allPlansExecution') },
  run: async ({ explain: inner, verbosity }, context) => {
    if (!verbosities.includes(verbosity)) throw new DocumentError('FailedToParse', "verbosity string must be one of {'queryPlanner', 'executionStats', 'allPlansExecution'}");
    return await explainReply(context, { command: inner, explained: explainedOf(inner, context.database), verbosity: verbosity as Verbosity });
  },
});

function explainedOf(inner: Document, database: string): ExplainedCommand {
  const [name = ''] = inner.keys();
  switch (name) {
    case 'find':
      return { kind: 'find', query: findQueryOf(innerFields(inner, findFields, name), database) };
    case 'count':
      return { kind: 'count', query: countQueryOf(innerFields(inner, countFields, name), database) };
    case 'distinct':
      return { kind: 'distinct', query: distinctQueryOf(innerFields(inner, distinctFields, name), database) };
    case 'aggregate':
      return { kind: 'aggregate', query: aggregateQueryOf(innerFields(inner, aggregateFields, name), database) };
    case 'update':
      return { kind: 'update', request: updateRequestOf(innerFields(inner, updateFields, name), database) };
    case 'delete':
      return { kind: 'delete', request: deleteRequestOf(innerFields(inner, deleteFields, name), database) };
    case 'findAndModify':
    case 'findandmodify':
      return { kind: 'findAndModify', request: findAndModifyRequestOf(innerFields(new Map([...inner].map(([field, value]) => [field === name ? 'findAndModify' : field, value])), findAndModifyFields, 'findAndModify'), database) };
    default:
      throw new DocumentError('CommandNotFound', `Explain failed due to unknown command: ${name}`);
  }
}

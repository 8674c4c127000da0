// explain.

import { DocumentError, type ExplainedCommand, type Verbosity } from '../../../facets/documents/index.ts';
import type { Document } from '../../../values/bson/types.ts';
import { type CommandContext, command } from '../command.ts';
import { explainReply } from '../explain-reply.ts';
import { object, optional, required, text } from '../fields.ts';
import { aggregateFields, aggregateQueryOf } from './aggregate.ts';
import { findAndModifyFields, findAndModifyRequestOf } from './find-and-modify.ts';
import { targetOf } from './collection-target.ts';
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
    return await explainReply(context, { command: inner, explained: await explainedOf(inner, context), verbosity: verbosity as Verbosity });
  },
});

async function explainedOf(inner: Document, context: CommandContext): Promise<ExplainedCommand> {
  const { database } = context;
  const [name = ''] = inner.keys();
  switch (name) {
    case 'find': {
      const fields = innerFields(inner, findFields, name);
      return { kind: 'find', query: findQueryOf(fields, await targetOf(context, fields.find)) };
    }
    case 'count': {
      const fields = innerFields(inner, countFields, name);
      return { kind: 'count', query: countQueryOf(fields, await targetOf(context, fields.count)) };
    }
    case 'distinct': {
      const fields = innerFields(inner, distinctFields, name);
      return { kind: 'distinct', query: distinctQueryOf(fields, await targetOf(context, fields.distinct)) };
    }
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

// listCommands: what the registry holds.

import { type Document, type Value } from '../../../values/bson/types.ts';
import { type Command, command } from '../command.ts';
import { anyValue, required } from '../fields.ts';

/** `all` is asked when the command runs: it is one of them itself. */
export function listCommandsOf(all: () => readonly Command[]): Command {
  return command({
    name: 'listCommands',
    summary: 'Lists the commands.',
    anonymous: true,
    fields: { listCommands: required(anyValue) },
    run: () => new Map<string, Value>([['commands', new Map(all().map((one) => [one.name, entryOf(one)]))]]),
  });
}

function entryOf({ summary, anonymous, adminOnly, apiVersion1 }: Command): Document {
  return new Map<string, Value>([
    ['help', summary], ['requiresAuth', anonymous !== true], ['secondaryOk', false], ['adminOnly', adminOnly === true],
    ['apiVersions', apiVersion1 === true ? ['1'] : []], ['deprecatedApiVersions', []],
  ]);
}

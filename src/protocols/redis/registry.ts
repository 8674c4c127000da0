// All commands by name. A command is added by a row in its group's list.

import type { Command } from './command.ts';
import { bitmapCommands } from './commands/bitmap.ts';
import { clusterCommands } from './commands/cluster.ts';
import { connectionCommands } from './commands/connection.ts';
import { genericCommands } from './commands/generic.ts';
import { hashCommands } from './commands/hash.ts';
import { listCommands } from './commands/list.ts';
import { pubsubCommands } from './commands/pubsub.ts';
import { scriptingCommands } from './commands/scripting.ts';
import { serverCommands } from './commands/server.ts';
import { setCommands } from './commands/set.ts';
import { sortedSetCommands } from './commands/sorted-set.ts';
import { stringCommands } from './commands/string.ts';
import { transactionsCommands } from './commands/transactions.ts';
import { unsupportedCommands } from './commands/unsupported.ts';

export const commands: readonly Command[] = [
  ...bitmapCommands,
  ...clusterCommands,
  ...connectionCommands,
  ...genericCommands,
  ...hashCommands,
  ...listCommands,
  ...pubsubCommands,
  ...scriptingCommands,
  ...serverCommands,
  ...setCommands,
  ...sortedSetCommands,
  ...stringCommands,
  ...transactionsCommands,
  ...unsupportedCommands,
];

const byName = new Map(commands.map((command) => [command.name, command]));

/** What COMMAND lists: everything but what is refused. */
export function supportedCommands(): readonly Command[] {
  return commands.filter((command) => !('unsupported' in command));
}

/** Names that were looked for: the same bytes are the same buffer (`commandName`). */
const found = new WeakMap<Buffer, Command>();

/** The command of a name in any case. */
export function findCommand(name: Buffer): Command | undefined {
  const known = found.get(name);
  if (known !== undefined) return known;
  const command = byName.get(name.toString('latin1').toLowerCase());
  if (command !== undefined) found.set(name, command);
  return command;
}

/** The subcommand that a request of a container names, or undefined. */
export function findSubcommand(container: Command, name: Buffer | undefined): Command | undefined {
  if (!('subcommands' in container) || name === undefined) return undefined;
  const full = `${container.name}|${name.toString('latin1').toLowerCase()}`;
  return container.subcommands.find((command) => command.name === full);
}

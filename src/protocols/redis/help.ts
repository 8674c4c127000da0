// `<container> HELP`: the forms of a container's subcommands, as Redis lays them out.

import type { Reply } from './reply.ts';
import { Status } from './reply.ts';

/** `lines` are the subcommands' forms, each followed by its indented explanation. */
export function helpOf(container: string, lines: readonly string[]): Reply {
  const all = [
    `${container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
    ...lines,
    'HELP',
    '    Prints this help.',
  ];
  return all.map((line) => new Status(line));
}

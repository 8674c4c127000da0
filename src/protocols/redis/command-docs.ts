// A command as COMMAND DOCS describes it.

import type { Command } from './command.ts';
import type { Syntax } from './command-syntax.ts';
import { Pairs, type Reply, Status } from './reply.ts';

export function docsOf(command: Command): Reply {
  const { summary, since, group, complexity, deprecated, history, syntax } = command;
  const docs: [Reply, Reply][] = [['summary', summary], ['since', since], ['group', group.replace('_', '-')]];
  if (complexity !== undefined) docs.push(['complexity', complexity]);
  if (deprecated !== undefined) {
    docs.push(['doc_flags', statuses(['deprecated'])], ['deprecated_since', deprecated.since], ['replaced_by', deprecated.replacedBy]);
  }
  if (history !== undefined) docs.push(['history', new Set<Reply>(history)]);
  if (syntax !== undefined) docs.push(['arguments', syntax.map((part) => argumentOf(part))]);
  if ('subcommands' in command) {
    const supported = command.subcommands.filter((subcommand) => !('unsupported' in subcommand));
    docs.push(['subcommands', new Pairs(supported.map((subcommand) => [subcommand.name, docsOf(subcommand)]))]);
  }
  return new Pairs(docs);
}

function argumentOf({ name, type, specification, token, since, deprecatedSince, optional, multiple, multipleToken, parts }: Syntax): Reply {
  const flags = [...(optional ? ['optional'] : []), ...(multiple ? ['multiple'] : []), ...(multipleToken ? ['multiple_token'] : [])];
  const described: [Reply, Reply][] = [['name', name], ['type', type]];
  if (specification !== undefined) described.push(['key_spec_index', specification]);
  if (token !== undefined) described.push(['token', token]);
  if (since !== undefined) described.push(['since', since]);
  if (deprecatedSince !== undefined) described.push(['deprecated_since', deprecatedSince]);
  if (flags.length > 0) described.push(['flags', statuses(flags)]);
  if (parts !== undefined) described.push(['arguments', parts.map((part) => argumentOf(part))]);
  return new Pairs(described);
}

function statuses(flags: readonly string[]): Reply {
  return new Set<Reply>(flags.map((flag) => new Status(flag)));
}

// docs/compatibility/redis.md, from the commands' registry and the table of configuration parameters.

import type { Command } from '../../src/protocols/redis/command.ts';
import { parameterAliases, parameters } from '../../src/protocols/redis/configuration-parameters.ts';
import { commands } from '../../src/protocols/redis/registry.ts';

export function redisPage(): string {
  const all = commands.flatMap((command) => ('subcommands' in command ? command.subcommands : [command]));
  const supported = all.filter((command) => !('unsupported' in command));
  return `# Redis: what is supported

FacetDB answers Redis clients as Redis 7.0 does, by RESP2 and RESP3. ${supported.length} commands and subcommands of ${all.length} are
supported; the others answer an error that says why. Cluster commands answer as those of a stand-alone server.

## What differs on purpose

- A write is durable when it is acknowledged (\`appendfsync always\`). \`CONFIG SET appendfsync everysec\` (or \`no\`) lets the
  server acknowledge writes before they are on disk; \`FACETDB DURABILITY ALWAYS|EVERYSEC|NO|DEFAULT\` does so for one connection.
- Users are PostgreSQL roles. \`AUTH password\` is for the administrator, who is also called \`default\`.
- \`PUBLISH\` replies the number of subscribers of the gateway that it was sent to; messages reach those of all gateways of
  the store, and SQL publishes with \`facetdb.publish(channel, message)\`. A gateway's very first subscription takes some
  milliseconds to be known to the other gateways.
- \`SWAPDB\` exchanges the keyspaces together with the rights on them.
- What \`CONFIG SET\` changes holds until the server stops. \`SHUTDOWN\` is refused: the server speaks other protocols too.
- Keys are on disk: \`maxmemory\` is a limit for what they take there, measured once a second (other protocols' writes count, but are not refused), and none is ever evicted. \`MEMORY USAGE\` estimates.
- \`maxmemory-clients\`: where it is 0, clients together may take half of the machine's (or container's) memory, and no more: then the largest are cut, as with a limit of one's own.
- \`OBJECT IDLETIME\` counts what was done through this gateway since it started, of the half million keys that were used
  last; of others it tells the least that it can be. No policy counts for \`OBJECT FREQ\`.
- \`AUTH\` within \`MULTI\` takes effect after the transaction, which as a whole runs under one role.
- \`ZRANGEBYLEX\` on members of different scores, which Redis leaves undefined, picks other ones.
- \`WAIT\` answers 0 at once: a reply means that the write is on disk, and replicas are PostgreSQL's.
- \`COMMAND DOCS\` tells no arguments and no history. \`LATENCY DOCTOR\`, \`MEMORY DOCTOR\` and \`LOLWUT\` have words of their own.
- \`INFO keyspace\` counts keys exactly; the number of those with an expiry is an estimate above 10,000 keys.

## Commands

${groupsOf(commands).map(section).join('\n\n')}

## Configuration parameters

| parameter | default | CONFIG SET |
|---|---|---|
${Object.entries(parameters).map(([name, { value, fate }]) => `| \`${name}\`${aliasesOf(name)} | ${value === '' ? '' : `\`${value}\``} | ${describeFate(fate)} |`).join('\n')}
`;
}

function groupsOf(all: readonly Command[]): [name: string, commands: readonly Command[]][] {
  const groups = new Map<string, Command[]>();
  for (const command of all) {
    const known = groups.get(command.group);
    if (known === undefined) groups.set(command.group, [command]);
    else known.push(command);
  }
  return [...groups].toSorted(([left], [right]) => (left < right ? -1 : 1));
}

function section([name, ofGroup]: readonly [name: string, commands: readonly Command[]]): string {
  const rows = ofGroup
    .flatMap((command) => ('subcommands' in command ? command.subcommands : [command]))
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .map((command) => `| ${command.name.replace('|', ' ').toUpperCase()} | ${command.since} | ${'unsupported' in command ? `not supported: ${command.unsupported}` : 'yes'} |`);
  return `### ${name.replace('_', ' ')}\n\n| command | since Redis | supported |\n|---|---|---|\n${rows.join('\n')}`;
}

function aliasesOf(name: string): string {
  const aliases = Object.entries(parameterAliases).filter(([, target]) => target === name).map(([alias]) => `\`${alias}\``);
  return aliases.length === 0 ? '' : ` (also ${aliases.join(', ')})`;
}

function describeFate(fate: (typeof parameters)[string]['fate']): string {
  switch (fate) {
    case 'honoured':
      return 'honoured';
    case 'harmless':
      return 'accepted; it has nothing to act on here';
    case 'immutable':
      return 'cannot be changed at run time';
    default:
      return `refused: ${fate.refused}`;
  }
}

// docs/configuration.md, from the table of options.

import { type OptionName, type OptionRow, flagOf, optionGroups, optionNames, options, variableOf } from '../../src/server/options.ts';

export function configurationPage(): string {
  return `# Configuration

Every option of \`facetdb start\` can be given in three ways. Flags win over variables, variables over the file:

- a flag: \`facetdb start --http-port 9090\`
- a variable: \`FACETDB_HTTP_PORT=9090 facetdb start\`
- a key of \`facetdb.config.json\` in the current folder, or of the file named by \`--config\`: \`{ "httpPort": 9090 }\`

An option that does not exist, or a value that makes no sense, is an error that names it and where it was given; so is a
variable that begins with \`FACETDB_\` and is no option (except \`FACETDB_TEST_…\`, and those that Kubernetes sets for a
Service named "facetdb"). Switches are \`true\` or \`false\` in the file, \`1\`, \`true\`, \`yes\`, \`on\` or \`0\`, \`false\`, \`no\`,
\`off\` in a variable. Relative paths start from the current folder, in a configuration file from the file's own.

A program that embeds FacetDB gives the options by the keys of the file; those marked * are for the command only.

${optionGroups.map(group).join('\n\n')}

## What does not go together

- \`--data\` and \`--engine\`: with an external PostgreSQL nothing is kept here.
- \`--postgres-port\` and \`--engine\`: SQL clients connect to the external PostgreSQL directly; its URL is printed without
  the password. TLS and \`--host\` then concern the other protocols.
- \`--no-auth\` and \`--engine\`: the external PostgreSQL decides who may connect.
- A \`--host\` beyond loopback (127.0.0.0/8, ::1, localhost) without \`--tls-cert\` and \`--tls-key\`, or with \`--no-auth\`,
  unless \`--insecure\` says that it is meant.

Put the URL of an external PostgreSQL into \`FACETDB_ENGINE\` or the file rather than on the command line: it holds a
password, and every user of the machine can see the arguments of running programs.
`;
}

function group(name: (typeof optionGroups)[number]): string {
  const rows = optionNames.filter((option) => options[option].group === name).map(row);
  return `## ${name}\n\n| flag | variable | key | default | |\n|---|---|---|---|---|\n${rows.join('\n')}`;
}

function row(name: OptionName): string {
  const { value, help, default: standard, defaultText, isCommandOnly }: OptionRow = options[name];
  const flag = `\`${flagOf(name)}${value === undefined ? '' : ` ${value}`}\``;
  const cells = [flag, `\`${variableOf(name)}\``, `\`${name}\`${isCommandOnly === true ? ' *' : ''}`, defaultText ?? (standard === undefined ? 'none' : `\`${standard}\``), `${help}`];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

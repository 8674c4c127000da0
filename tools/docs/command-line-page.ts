// docs/command-line.md, from the help of the command itself.

import type { Command } from 'commander';
import { exitCodeMeanings, exitCodes } from '../../src/cli/exit-codes.ts';
import { createProgram } from '../../src/cli/program.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

const columns = 100;

export function commandLinePage(): string {
  let written = '';
  const stream = { columns, write: (text: string) => ((written += text), true) };
  const program = createProgram({ stdout: stream, stderr: stream, environment: {} } as unknown as Terminal, () => {});
  const helpOf = (command: Command): string => {
    written = '';
    command.outputHelp();
    return written.trim();
  };
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  return `# The command \`facetdb\`

The options of \`start\` are explained in [configuration.md](configuration.md), what happens on disk and when something
fails in [operations.md](operations.md).

\`SIGTERM\` and Ctrl-C stop a server in order, within seconds: no new connections, open transactions ended, PostgreSQL stopped. A
second one stops it at once (exit code 128 + the signal's number); nothing that was committed is lost, and the next start recovers.

With \`--json\`, \`facetdb start\` writes exactly one line to standard output, when it is ready:

\`\`\`json
{"ready":true,"urls":{"postgres":"postgres://facet:…@127.0.0.1:5432/facet","http":"http://127.0.0.1:8080"},"dataDir":"/srv/db","startMs":412}
\`\`\`

\`urls\` has one entry for each protocol that is not off; \`dataDir\` is \`null\` with an external PostgreSQL. The log goes to standard error.

## Exit codes

| code | meaning |
|---|---|
${names.map((name) => `| ${exitCodes[name]} | ${exitCodeMeanings[name]} |`).join('\n')}

${[...commandsOf(program)].map(({ path, command }) => `## ${path}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``).join('\n\n')}
`;
}

function* commandsOf(command: Command, parent = ''): Generator<{ path: string; command: Command }> {
  const path = `${parent} ${command.name()}`.trim();
  yield { path, command };
  for (const subcommand of command.commands) yield* commandsOf(subcommand, path);
}

#!/usr/bin/env node
// The command `facetdb`.

import { run } from './cli/program.ts';

// Whoever reads the output may stop reading (`facetdb start --json | head -1`); that is no reason to end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  folder: process.cwd(),
});

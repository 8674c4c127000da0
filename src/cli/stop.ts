// `facetdb stop`: stops the server on a data folder in order, and waits for its end.

import type { Settings } from '../server/options.ts';
import { stopRunningServer } from '../server/running-server.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

export async function stop(settings: Settings, terminal: Terminal): Promise<ExitCode> {
  const startedAt = performance.now();
  const pid = await stopRunningServer(settings);
  terminal.stdout.write(`FacetDB (process ${pid}) has stopped after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s\n`);
  return exitCodes.ok;
}

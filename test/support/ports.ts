// The ports of every protocol at once, so that a test need not know which protocols there are.

import { flagOf, portOptionNames } from '../../src/server/options.ts';
import type { EmbeddingOptions } from '../../src/server/settings.ts';

/** Any free ones. */
export const freePorts: EmbeddingOptions = Object.fromEntries(portOptionNames.map((name) => [name, 0]));
/** The same for an engine elsewhere, where SQL clients are not FacetDB's affair. */
export const freePortsOverEngine: EmbeddingOptions = { ...freePorts, postgresPort: undefined, postgresRelayPort: undefined };
export const noPorts: EmbeddingOptions = Object.fromEntries(portOptionNames.map((name) => [name, 'off']));

/** `--postgres-port 0 --http-port 0 …` */
export const freePortFlags: readonly string[] = portOptionNames.flatMap((name) => [flagOf(name), '0']);

// Which data folder the settings mean.

import { defaultDataFolder } from '../engine/process/data-folder.ts';
import { FacetError } from '../kernel/errors.ts';
import type { Settings } from './options.ts';

/** Its path, and why it is not the usual one. Throws `configuration_invalid` with an external PostgreSQL: there is none. */
export function dataFolderOf(settings: Settings): { readonly path: string; readonly reason?: string } {
  if (settings.engine !== undefined) {
    throw new FacetError('configuration_invalid', 'a FacetDB on an external PostgreSQL has no data folder to be found by: ask its /health over HTTP, and stop it with SIGTERM');
  }
  return settings.data === undefined ? defaultDataFolder() : { path: settings.data };
}

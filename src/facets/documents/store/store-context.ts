// What the operations of the store share.

import type { Engine } from '../../../engine/engine.ts';
import type { Log } from '../../../kernel/log.ts';
import type { CatalogCache } from './catalog-cache.ts';

export type StoreContext = { readonly engine: Engine; readonly log: Log; readonly catalog: CatalogCache };

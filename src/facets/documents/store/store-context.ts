// What the operations of the store share.

import type { Engine } from '../../../engine/engine.ts';
import type { Log } from '../../../kernel/log.ts';
import type { CatalogCache } from './catalog-cache.ts';
import type { DocumentGroups } from './document-groups.ts';
import type { HeldConnections } from './held-connections.ts';
import type { Insertions } from './insertions.ts';

export type StoreContext = { readonly engine: Engine; readonly log: Log; readonly catalog: CatalogCache; readonly held: HeldConnections; readonly groups: DocumentGroups; readonly insertions: Insertions };

// What HTTP is given of the store: the facets, and the languages of the protocols that it may not import.

import { AccessTokens } from '../access/access-tokens.ts';
import type { Log } from '../kernel/log.ts';
import type { StoreAccess } from '../protocols/http/store-access.ts';
import { runDocumentCommand } from '../protocols/mongodb/document-commands.ts';
import { KeyCommands } from '../protocols/redis/key-commands.ts';
import { type Facets, newAuthenticator } from './facets.ts';
import type { Settings } from './options.ts';
import type { Store } from './store.ts';

export function storeAccess({ store, facets, settings, log }: { readonly store: Store; readonly facets: Facets; readonly settings: Settings; readonly log: Log }): StoreAccess {
  const { engine } = store;
  return {
    relational: facets.relational,
    tables: facets.tables,
    idempotent: facets.idempotent,
    transactions: facets.transactions,
    authenticator: newAuthenticator(store, log),
    tokens: new AccessTokens(engine),
    learnSecret: ({ role, keys }) => engine.learnSecret(role, keys),
    defaultRole: facets.defaultRole,
    requiresAuthentication: !settings.noAuth,
    documentCommand: (body, place) => runDocumentCommand(facets.mongodb, body, place),
    keyCommand: (request, { role, transaction, database }) => new KeyCommands(facets.keyvalue, role).run(request, { space: database, transaction }),
  };
}

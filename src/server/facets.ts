// The data models over one store, and what runs their languages in this process: opened whether or not a port is.

import { Authenticator } from '../access/authenticator.ts';
import { IdempotentRequests } from '../access/idempotent-requests.ts';
import { SharedTransactions } from '../access/shared-transactions.ts';
import { Documents } from '../facets/documents/index.ts';
import { KeyValue } from '../facets/keyvalue/index.ts';
import { Relational, TableRows } from '../facets/relational/index.ts';
import type { Log } from '../kernel/log.ts';
import { MongodbServer } from '../protocols/mongodb/server.ts';
import type { TlsMaterial } from '../protocols/net/tls-material.ts';
import type { Metrics } from '../services/metrics/metrics.ts';
import type { CloseStack } from './close-stack.ts';
import { type Settings, flagOf } from './options.ts';
import type { Store } from './store.ts';

export type Facets = {
  readonly relational: Relational;
  readonly tables: TableRows;
  readonly keyvalue: KeyValue;
  readonly documents: Documents;
  readonly transactions: SharedTransactions;
  readonly idempotent: IdempotentRequests;
  /** Runs the commands of documents; it listens only where a port is open. */
  readonly mongodb: MongodbServer;
  /** Who acts where nobody else is named. */
  readonly defaultRole: string;
};

export type FacetOptions = {
  readonly settings: Settings;
  readonly tls: TlsMaterial | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly store: Store;
  readonly closing: CloseStack;
};

export function openFacets({ settings, tls, log, metrics, store, closing }: FacetOptions): Facets {
  const { engine } = store;
  const transactions = new SharedTransactions(engine);
  const keyvalue = new KeyValue({ engine, observer: metrics, log: log.child({ component: 'keyvalue' }) });
  closing.push('keys and values', () => keyvalue.close());
  keyvalue.start();
  const documents = new Documents({ engine, log: log.child({ component: 'documents' }), observer: metrics });
  closing.push('documents', () => documents.close());
  documents.start();
  const mongodb = new MongodbServer({
    host: settings.host,
    port: settings.mongodbPort === 'off' ? 0 : settings.mongodbPort,
    option: flagOf('mongodbPort'),
    tls,
    documents,
    transactions,
    authenticator: newAuthenticator(store, log),
    defaultRole: store.administrator.role,
    requiresAuthentication: !settings.noAuth,
    testCommands: settings.testCommands,
    log: log.child({ component: 'mongodb' }),
    observer: metrics,
  });
  closing.push('MongoDB', () => mongodb.close());
  const tables = new TableRows(engine, metrics);
  closing.push('rows', () => tables.close());
  const idempotent = new IdempotentRequests(engine);
  closing.push('idempotency keys', () => idempotent.close());
  return { relational: new Relational(engine), tables, idempotent, keyvalue, documents, transactions, mongodb, defaultRole: store.administrator.role };
}

export function newAuthenticator({ engine }: Store, log: Log): Authenticator {
  return new Authenticator({ store: engine.systemPool, log: log.child({ component: 'access' }) });
}

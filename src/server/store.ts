// Opens the store that the settings name: the embedded PostgreSQL in its data folder, or an external one. What it opens
// goes on the close stack, so that a stop or a failed start closes it in order.

import { canCheckPasswords } from '../access/roles.ts';
import { parseConnectionUrl } from '../engine/connection-url.ts';
import { Engine } from '../engine/engine.ts';
import type { DataFolder } from '../engine/process/data-folder.ts';
import { EmbeddedPostgres } from '../engine/process/embedded-postgres.ts';
import type { Log } from '../kernel/log.ts';
import { postgresUrl } from '../protocols/postgres/postgres-endpoint.ts';
import { type Administrator, administratorRole, ensureAdministrator } from './administrator.ts';
import type { CloseStack } from './close-stack.ts';
import { migrations } from './migrations.ts';
import { type Settings, flagOf } from './options.ts';

export type StoreOptions = {
  readonly settings: Settings;
  readonly log: Log;
  readonly onStep: (step: string) => void;
  readonly closing: CloseStack;
  /** Throws where the start was given up meanwhile. */
  readonly checkpoint: () => void;
};

export type Store = {
  readonly engine: Engine;
  /** Undefined for an external PostgreSQL. */
  readonly postgres: EmbeddedPostgres | undefined;
  /** Who a client is that names no role, and its password where it is known. */
  readonly administrator: { readonly role: string; readonly password: string | undefined };
  /** For SQL clients; undefined where they are not served. */
  readonly postgresUrl: { readonly withPassword: string; readonly withoutPassword: string } | undefined;
  /** What the user should know. */
  readonly notes: readonly string[];
};

/** The embedded store in a folder that is open already. */
export async function openEmbeddedStore({ settings, folder, log, onStep, closing, checkpoint }: StoreOptions & { folder: DataFolder }): Promise<Store> {
  const { host, postgresPort, noAuth, insecure, tlsCert, tlsKey } = settings;
  const authentication = noAuth ? 'none' : 'scram';
  const postgres = await EmbeddedPostgres.start({
    folder,
    listen: postgresPort === 'off' ? undefined : { host, port: postgresPort, option: flagOf('postgresPort') },
    tls: tlsCert === undefined || tlsKey === undefined ? undefined : { certFile: tlsCert, keyFile: tlsKey },
    authentication,
    insecure,
    log: log.child({ component: 'postgres' }),
    onStep,
  });
  closing.push('PostgreSQL', () => postgres.stop());
  checkpoint();

  onStep('Opening the store');
  const engine = await Engine.openEmbedded({ postgres, ...engineOptions(settings, log) });
  closing.push('connections to PostgreSQL', () => engine.close());
  await engine.migrate(migrations);
  const administrator = await ensureAdministrator({ engine, passwordFile: folder.administratorPasswordFile, authentication });
  checkpoint();
  return {
    engine,
    postgres,
    administrator: { role: administrator.role ?? administratorRole, password: administrator.password },
    postgresUrl: postgresPort === 'off' ? undefined : embeddedUrls({ settings, engine, administrator, port: postgres.port }),
    notes: administrator.note === undefined ? [] : [administrator.note],
  };
}

/** The store on a PostgreSQL that FacetDB does not own. */
export async function openExternalStore({ settings, url, log, onStep, closing, checkpoint }: StoreOptions & { url: string }): Promise<Store> {
  const { display } = parseConnectionUrl(url);
  onStep(`Connecting to ${display}`);
  const engine = await Engine.openExternal({ url, ...engineOptions(settings, log) });
  closing.push('connections to PostgreSQL', () => engine.close());
  await engine.migrate(migrations);
  checkpoint();
  const notes = (await canCheckPasswords(engine.systemPool)) ? [] : [`passwords cannot be checked: ${engine.ownRole} may not read pg_authid`];
  return {
    engine,
    postgres: undefined,
    administrator: { role: engine.ownRole, password: undefined },
    postgresUrl: settings.postgresPort === 'off' ? undefined : { withPassword: display, withoutPassword: display },
    notes,
  };
}

function engineOptions({ poolSize, poolWaitMs }: Settings, log: Log) {
  return { log: log.child({ component: 'engine' }), poolConnections: poolSize, poolWaitMs };
}

type EmbeddedUrls = { readonly settings: Settings; readonly engine: Engine; readonly administrator: Administrator; readonly port: number };

function embeddedUrls({ settings, engine, administrator, port }: EmbeddedUrls): Store['postgresUrl'] {
  const { role: user, password } = administrator;
  const endpoint = { host: settings.host, port, database: engine.database, user, tls: settings.tlsCert !== undefined };
  return { withPassword: postgresUrl({ ...endpoint, password }), withoutPassword: postgresUrl({ ...endpoint, password: undefined }) };
}

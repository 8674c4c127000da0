// One running FacetDB: what is started in which order, and stopped in which. Start: data folder, HTTP (it answers, and says
// that it is not ready), PostgreSQL, the store, ready. Stop: no new connections, PostgreSQL, the data folder.

import { Relay } from '../engine/relay/relay.ts';
import { DataFolder, type ServerState } from '../engine/process/data-folder.ts';
import { FacetError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { version } from '../kernel/version.ts';
import { HttpProtocol } from '../protocols/http/http-protocol.ts';
import type { MongodbServer } from '../protocols/mongodb/server.ts';
import { RelayEndpoint } from '../protocols/postgres/relay-endpoint.ts';
import { RedisServer } from '../protocols/redis/server.ts';
import { type TlsMaterial, readTlsMaterial } from '../protocols/net/tls-material.ts';
import { Metrics } from '../services/metrics/metrics.ts';
import { CloseStack } from './close-stack.ts';
import { dataFolderOf } from './data-folder-setting.ts';
import { type Facets, newAuthenticator, openFacets } from './facets.ts';
import { type Settings, flagOf } from './options.ts';
import { Readiness } from './readiness.ts';
import { storeAccess } from './store-access.ts';
import { type Store, openEmbeddedStore, openExternalStore } from './store.ts';

export type ServerOptions = {
  readonly settings: Settings;
  readonly log: Log;
  /** What it is doing now, for people who wait. */
  readonly onStep?: (step: string) => void;
  /** Gives the start up: it closes what it had opened and throws `shutting_down`. */
  readonly signal?: AbortSignal | undefined;
};

/** One URL for each protocol, by the protocol's name. */
export type Urls = Record<string, string>;

type Parts = {
  readonly folder: DataFolder | undefined;
  readonly http: HttpProtocol | undefined;
  readonly redis: RedisServer | undefined;
  readonly mongodb: MongodbServer | undefined;
  readonly relay: RelayEndpoint | undefined;
  readonly store: Store;
  readonly facets: Facets;
};

export class Server {
  /** Ready to paste, with the administrator's password where it is known. */
  readonly urls: Urls;
  /** Undefined with an external PostgreSQL. */
  readonly dataDir: string | undefined;
  /** How long the start took, in milliseconds. */
  readonly startMs: number;
  /** What the user should know. */
  readonly notes: readonly string[];
  /** Resolves when the server has stopped: with the error that made it stop, or undefined where it was asked to. */
  readonly closed: Promise<FacetError | undefined>;
  readonly #parts: Parts;
  readonly #readiness: Readiness;
  readonly #closing: CloseStack;
  #resolveClosed: (error: FacetError | undefined) => void = () => {};
  #stopped: Promise<void> | undefined;

  private constructor({ parts, readiness, closing, notes, startMs }: { parts: Parts; readiness: Readiness; closing: CloseStack; notes: readonly string[]; startMs: number }) {
    this.#parts = parts;
    this.#readiness = readiness;
    this.#closing = closing;
    this.urls = urlsOf(parts, 'withPassword');
    this.dataDir = parts.folder?.path;
    this.startMs = startMs;
    this.notes = notes;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    parts.store.postgres?.once('failed', (error) => void this.#stop(error));
  }

  /** Errors: those of the parts; what was opened until then is closed again. */
  static async start({ settings, log, onStep = () => {}, signal }: ServerOptions): Promise<Server> {
    const startedAt = performance.now();
    const closing = new CloseStack(log);
    const checkpoint = (): void => {
      if (signal?.aborted === true) throw new FacetError('shutting_down', 'the start was given up');
    };
    try {
      const tls = readTls(settings);
      const metrics = new Metrics();
      const readiness = new Readiness();
      const { folder, notes } = await openFolder(settings, closing);
      const http = await startHttp({ settings, tls, log, metrics, readiness, closing });
      checkpoint();
      const options = { settings, log, onStep, closing, checkpoint };
      const store =
        folder === undefined ? await openExternalStore({ ...options, url: settings.engine! }) : await openEmbeddedStore({ ...options, folder });
      metrics.watch({ engine: store.engine, restarts: () => store.postgres?.restarts ?? 0 });
      const facets = openFacets({ settings, tls, log, metrics, store, closing });
      http?.serve(storeAccess({ store, facets, settings, log }));
      const redis = await startRedis({ settings, tls, log, metrics, store, facets, closing });
      const mongodb = await startMongodb(facets, settings);
      const relay = await startRelay({ settings, tls, log, metrics, store, facets, closing });
      readiness.engineStarted(store.engine);
      const parts = { folder, http, redis, mongodb, relay, store, facets };
      await folder?.writeState(stateOf(parts));
      checkpoint();
      return new Server({ parts, readiness, closing, notes: [...notes, ...store.notes], startMs: Math.round(performance.now() - startedAt) });
    } catch (error) {
      await closing.close();
      throw error;
    }
  }

  /** The data models, for a program that this runs in. */
  get facets(): Facets {
    return this.#parts.facets;
  }

  /** In order, within seconds: no new connections, requests and transactions ended, PostgreSQL stopped, the folder let go. */
  stop(): Promise<void> {
    return this.#stop(undefined);
  }

  /** At once, for those who do not want to wait for `stop`: the next start recovers. Nothing acknowledged is lost. */
  kill(): void {
    this.#parts.http?.cut();
    this.#parts.redis?.cut();
    this.#parts.mongodb?.cut();
    this.#parts.relay?.cut();
    this.#parts.store.postgres?.kill();
  }

  #stop(reason: FacetError | undefined): Promise<void> {
    this.#stopped ??= this.#close(reason);
    return this.#stopped;
  }

  async #close(reason: FacetError | undefined): Promise<void> {
    this.#readiness.stopping();
    await this.#parts.http?.close();
    await this.#closing.close();
    this.#resolveClosed(reason);
  }
}

function readTls({ tlsCert, tlsKey }: Settings): TlsMaterial | undefined {
  return tlsCert === undefined || tlsKey === undefined ? undefined : readTlsMaterial({ certFile: tlsCert, keyFile: tlsKey });
}

async function openFolder(settings: Settings, closing: CloseStack): Promise<{ folder: DataFolder | undefined; notes: string[] }> {
  if (settings.engine !== undefined) return { folder: undefined, notes: [] };
  const { path, reason } = dataFolderOf(settings);
  const folder = await DataFolder.open(path);
  closing.push('data folder', () => folder.close());
  return { folder, notes: reason === undefined ? [] : [`the data folder is ${path}: ${reason}`] };
}

type HttpParts = {
  readonly settings: Settings;
  readonly tls: TlsMaterial | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly closing: CloseStack;
};

async function startHttp({ settings, tls, log, metrics, readiness, closing }: HttpParts): Promise<HttpProtocol | undefined> {
  if (settings.httpPort === 'off') return undefined;
  const http = await HttpProtocol.start({
    host: settings.host,
    port: settings.httpPort,
    option: flagOf('httpPort'),
    tls,
    log: log.child({ component: 'http' }),
    observer: metrics,
    corsOrigins: settings.httpCorsOrigin?.split(',') ?? [],
    health: () => readiness.check(),
    metrics: () => metrics.render(),
  });
  closing.push('HTTP', () => http.close());
  return http;
}

/** What is started over an open store. */
type ProtocolParts = {
  readonly settings: Settings;
  readonly tls: TlsMaterial | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly store: Store;
  readonly facets: Facets;
  readonly closing: CloseStack;
};

async function startRedis({ settings, tls, log, metrics, store, facets, closing }: ProtocolParts): Promise<RedisServer | undefined> {
  if (settings.redisPort === 'off') return undefined;
  const redis = await RedisServer.start({
    host: settings.host,
    port: settings.redisPort,
    option: flagOf('redisPort'),
    tls,
    keyvalue: facets.keyvalue,
    transactions: facets.transactions,
    authenticator: newAuthenticator(store, log),
    defaultRole: store.administrator.role,
    requiresAuthentication: !settings.noAuth,
    log: log.child({ component: 'redis' }),
    observer: metrics,
  });
  closing.push('Redis', () => redis.close());
  return redis;
}

/** SQL clients whose transactions others may join. */
async function startRelay({ settings: { host, postgresRelayPort }, tls, log, metrics, store, facets, closing }: ProtocolParts): Promise<RelayEndpoint | undefined> {
  if (postgresRelayPort === 'off' || store.postgres === undefined) return undefined;
  // PostgreSQL listens there too, where it lets nobody in without the password.
  const relay = new Relay({ address: { host: connectableHost(host), port: store.postgres.port }, tls, log: log.child({ component: 'relay' }), join: (token, role) => facets.transactions.join(token, role) });
  facets.transactions.addSource((token) => relay.find(token));
  const endpoint = await RelayEndpoint.start({ host, port: postgresRelayPort, option: flagOf('postgresRelayPort'), observer: metrics, accept: (client) => relay.accept(client) });
  closing.push('shared SQL transactions', () => endpoint.close());
  return endpoint;
}

/** Where a program of this machine reaches what listens on `host`. */
function connectableHost(host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
}

async function startMongodb({ mongodb }: Facets, { mongodbPort }: Settings): Promise<MongodbServer | undefined> {
  if (mongodbPort === 'off') return undefined;
  await mongodb.listen();
  return mongodb;
}

function urlsOf({ store, http, redis, mongodb, relay }: Parts, form: 'withPassword' | 'withoutPassword'): Urls {
  return {
    ...(store.postgresUrl === undefined ? {} : { postgres: store.postgresUrl[form] }),
    ...(store.postgresUrl === undefined || relay === undefined ? {} : { postgresRelay: withPort(store.postgresUrl[form], relay.port) }),
    ...(http === undefined ? {} : { http: http.url }),
    ...(redis === undefined ? {} : { redis: clientUrl(redis, store, form) }),
    ...(mongodb === undefined ? {} : { mongodb: clientUrl(mongodb, store, form) }),
  };
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}

function clientUrl(server: RedisServer | MongodbServer, { administrator }: Store, form: 'withPassword' | 'withoutPassword'): string {
  if (!server.options.requiresAuthentication) return server.url();
  return server.url(administrator.role, form === 'withPassword' ? administrator.password : undefined);
}

function stateOf(parts: Parts): ServerState {
  return { pid: process.pid, version, startedAt: new Date().toISOString(), urls: urlsOf(parts, 'withoutPassword') };
}

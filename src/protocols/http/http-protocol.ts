// HTTP: the listener, its limits, and what holds for every route (errors, observation, draining). The routes themselves are
// in files of their own.

import { createServer as createPlainServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Log } from '../../kernel/log.ts';
import { endpointUrl } from '../net/endpoint-url.ts';
import { netLimits } from '../net/limits.ts';
import { Listener } from '../net/listener.ts';
import type { ProtocolObserver } from '../net/protocol-observer.ts';
import type { TlsMaterial } from '../net/tls-material.ts';
import { boundBody } from './body-timeout.ts';
import { AllowedMethods } from './allowed-methods.ts';
import { answerClientError } from './client-error.ts';
import { addCompression } from './compression.ts';
import { addCors } from './cors.ts';
import { type Health, addHealthRoutes } from './health-routes.ts';
import { httpLimits } from './limits.ts';
import { type MetricsPage, addMetricsRoute } from './metrics-route.ts';
import { StoreDoor } from './store-door.ts';
import type { StoreAccess } from './store-access.ts';
import { type Problem, problemContentType, problemOf, statusProblem } from './problem.ts';

export type HttpOptions = {
  readonly host: string;
  readonly port: number;
  /** The option that sets the port, for errors. */
  readonly option: string;
  readonly tls: TlsMaterial | undefined;
  readonly log: Log;
  readonly observer: ProtocolObserver;
  /** Origins whose pages browsers let in. Default: none. */
  readonly corsOrigins?: readonly string[];
  readonly health: () => Promise<Health>;
  readonly metrics: () => Promise<MetricsPage>;
};

export class HttpProtocol {
  readonly url: string;
  readonly port: number;
  readonly #app: FastifyInstance;
  readonly #listener: Listener;
  readonly #door: StoreDoor;

  private constructor({ url, app, listener, door }: { url: string; app: FastifyInstance; listener: Listener; door: StoreDoor }) {
    this.url = url;
    this.port = listener.port;
    this.#app = app;
    this.#listener = listener;
    this.#door = door;
  }

  /** Errors as `Listener.open`. */
  static async start(options: HttpOptions): Promise<HttpProtocol> {
    const { host, port, option, tls, observer } = options;
    const door = new StoreDoor();
    const app = createApp(options, door);
    await app.ready();
    const listener = await Listener.open({ protocol: 'http', server: app.server, host, port, option, observer, connections: httpLimits.connections });
    const url = endpointUrl({ scheme: tls === undefined ? 'http' : 'https', host, port: listener.port });
    return new HttpProtocol({ url, app, listener, door });
  }

  /** The store is open: its routes are served from now on. */
  serve(access: StoreAccess): void {
    this.#door.open(access);
  }

  /** Lets requests that are being answered finish, within the listener's bound. */
  async close(): Promise<void> {
    const drained = this.#listener.close();
    await this.#app.close();
    await drained;
    await this.#door.close();
  }

  /** Ends every connection at once. */
  cut(): void {
    this.#listener.cut();
  }
}

/** Bodies that are read as they come. */
const streamTypes = /^(?:application\/x-ndjson|text\/csv)/i;

function createApp({ tls, log, observer, health, metrics, corsOrigins = [] }: HttpOptions, door: StoreDoor): FastifyInstance {
  const app = fastify({
    serverFactory: (handler) => createServer(handler, tls),
    bodyLimit: httpLimits.bodyBytes,
    routerOptions: { maxParamLength: httpLimits.pathPartLength },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, problemOf(error)),
  });
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.code === 'internal') log.error({ err: error, method: request.method, route: routeOf(request) }, 'request failed');
    return sendProblem(reply, problem);
  });
  const allowed = new AllowedMethods();
  allowed.watch(app);
  app.setNotFoundHandler((request, reply) => refuse(allowed, request, reply));
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    done();
  });
  app.addHook('preParsing', (request, _reply, payload, done) => {
    if (!hasBody(request)) return done(null, payload);
    const { 'content-type': type = '', 'content-encoding': coding = 'identity' } = request.headers;
    if (coding.toLowerCase() !== 'identity') return done(new CodingRefused());
    if (!streamTypes.test(type)) boundBody(request.raw);
    done(null, payload);
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    // What is left of a body that nobody read to its end cannot be told from the next request.
    if (!app.server.listening || (hasBody(request) && !request.raw.complete)) void reply.header('connection', 'close');
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const outcome = reply.statusCode < 400 ? 'ok' : 'error';
    observer.requestDone('http', { operation: routeOf(request), outcome, seconds: reply.elapsedTime / 1_000 });
    done();
  });
  addCors(app, corsOrigins);
  addCompression(app);
  addHealthRoutes(app, health);
  addMetricsRoute(app, metrics);
  door.addRoutes(app);
  return app;
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

class CodingRefused extends Error {
  readonly statusCode = 415;
  constructor() {
    super('bodies are taken as they are: without Content-Encoding');
  }
}

function createServer(handler: RequestListener, tls: TlsMaterial | undefined): Server {
  const options: ServerOptions = {
    maxHeaderSize: httpLimits.headerBytes,
    headersTimeout: httpLimits.headersTimeoutMs,
    requestTimeout: httpLimits.bulkTimeoutMs,
    keepAliveTimeout: httpLimits.keepAliveTimeoutMs,
  };
  const server =
    tls === undefined
      ? createPlainServer(options, handler)
      : createTlsServer({ ...options, cert: tls.cert, key: tls.key, handshakeTimeout: netLimits.tlsHandshakeTimeoutMs }, handler);
  server.maxRequestsPerSocket = httpLimits.requestsPerConnection;
  return server;
}

/** The answer where no route fits: 405 where the path exists for another method. */
function refuse(allowed: AllowedMethods, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?', 1)[0] ?? '/';
  const methods = allowed.of(path);
  if (methods.length === 0) return sendProblem(reply, statusProblem(404, `there is nothing at ${path}`));
  const list = methods.join(', ');
  return sendProblem(reply.header('allow', list), statusProblem(405, `${path} knows ${list} only`));
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.code(problem.status).type(problemContentType).send(JSON.stringify(problem));
}

/** From a fixed set, whatever clients send: it becomes a label of metrics. */
function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unknown';
}

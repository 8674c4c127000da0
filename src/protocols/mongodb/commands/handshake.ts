// hello, logins and what else comes first. Source: the drivers' specifications "MongoDB Handshake" and "Authentication".

import { setTimeout as sleep } from 'node:timers/promises';
import { DocumentError } from '../../../facets/documents/index.ts';
import { isFacetError } from '../../../kernel/errors.ts';
import { Binary, DateTime, ObjectId, int32, type Document, type Value } from '../../../values/bson/types.ts';
import { type CommandContext, command } from '../command.ts';
import type { MongodbClient } from '../client.ts';
import { anyValue, array, binary, ignored, int, long, object, optional, required, safeBool, text } from '../fields.ts';
import { mongodbLimits } from '../limits.ts';
import { memberFields } from '../replica-set.ts';
import { compressors } from '../message.ts';
import { maxWireVersion } from '../version.ts';

const helloFields = {
  client: optional(object),
  compression: optional(array),
  saslSupportedMechs: optional(text),
  speculativeAuthenticate: optional(object),
  topologyVersion: optional(object),
  maxAwaitTimeMS: optional(long),
  helloOk: optional(safeBool),
  loadBalanced: ignored('FacetDB looks the same behind a balancer'),
  internalClient: ignored('it is for members of a cluster'),
  hangUpOnStepDown: ignored('there is one node'),
} as const;

type HelloValues = {
  readonly client: Document | undefined;
  readonly compression: readonly Value[] | undefined;
  readonly saslSupportedMechs: string | undefined;
  readonly speculativeAuthenticate: Document | undefined;
  readonly maxAwaitTimeMS: bigint | undefined;
  readonly topologyVersion: Document | undefined;
  readonly helloOk: boolean | undefined;
};

export const hello = command({
  name: 'hello',
  summary: 'Says what the server is, and begins a connection.',
  anonymous: true,
  apiVersion1: true,
  // Newer drivers offer what older servers do not know.
  takesOthers: true,
  fields: { hello: required(anyValue), ...helloFields },
  run: (fields, context) => greet(fields, context, 'isWritablePrimary'),
});

export const isMaster = command({
  name: 'isMaster',
  aliases: ['ismaster'],
  summary: 'The older name of hello.',
  anonymous: true,
  takesOthers: true,
  fields: { isMaster: required(anyValue), ...helloFields },
  run: (fields, context) => greet(fields, context, 'ismaster'),
});

async function greet(fields: HelloValues, context: CommandContext, primary: 'isWritablePrimary' | 'ismaster'): Promise<Document> {
  const { server, connection } = context;
  const { client, compression, saslSupportedMechs, speculativeAuthenticate, maxAwaitTimeMS, topologyVersion, helloOk } = fields;
  if (client !== undefined) introduce(connection, client);
  // Nothing about this node ever changes: who waits for news waits for the whole time.
  if (maxAwaitTimeMS !== undefined && topologyVersion !== undefined) await sleep(Math.min(Number(maxAwaitTimeMS), mongodbLimits.awaitMs), undefined, { signal: context.abort.signal, ref: false }).catch(() => {});
  const reply: Document = new Map<string, Value>([
    ...(helloOk === true ? [['helloOk', true] as [string, Value]] : []),
    [primary, true], ...memberFields(server),
    ['electionId', new ObjectId(Buffer.from('7fffffff0000000000000001', 'hex'))],
    ['maxBsonObjectSize', int32(mongodbLimits.documentBytes)], ['maxMessageSizeBytes', int32(mongodbLimits.messageBytes)], ['maxWriteBatchSize', int32(mongodbLimits.writeBatch)],
    ['localTime', new DateTime(BigInt(Date.now()))], ['logicalSessionTimeoutMinutes', int32(mongodbLimits.sessionTimeoutMs / 60_000)], ['connectionId', int32(connection.id)],
    ['minWireVersion', int32(0)], ['maxWireVersion', int32(maxWireVersion)], ['readOnly', false],
  ]);
  const common = compression?.filter((name) => typeof name === 'string' && Object.hasOwn(compressors, name)) ?? [];
  if (common.length > 0) reply.set('compression', common);
  if (saslSupportedMechs !== undefined) reply.set('saslSupportedMechs', ['SCRAM-SHA-256']);
  if (speculativeAuthenticate !== undefined) {
    const begun = await speculate(context, speculativeAuthenticate);
    if (begun !== undefined) reply.set('speculativeAuthenticate', begun);
  }
  return reply;
}

/** Throws DocumentError: a client introduces itself once. */
function introduce(connection: MongodbClient, client: Document): void {
  if (connection.clientMetadata !== undefined) throw new DocumentError(186, 'The client metadata document may only be sent in the first hello');
  connection.clientMetadata = client;
  const application = client.get('application');
  const name = application instanceof Map ? application.get('name') : undefined;
  connection.appName = typeof name === 'string' ? name : undefined;
}

/** A login that begins in the hello; what fails is told when the client asks again. */
async function speculate(context: CommandContext, request: Document): Promise<Document | undefined> {
  const mechanism = request.get('mechanism');
  const payload = request.get('payload');
  if (mechanism !== 'SCRAM-SHA-256' || !(payload instanceof Binary) || !request.has('saslStart')) return undefined;
  try {
    return await beginLogin(context, payload.bytes);
  } catch (error) {
    if (error instanceof DocumentError || isFacetError(error)) return undefined;
    throw error;
  }
}

export const saslStart = command({
  name: 'saslStart',
  summary: 'Begins a login.',
  anonymous: true,
  apiVersion1: true,
  fields: {
    saslStart: required(anyValue),
    mechanism: required(text),
    payload: required(binary),
    autoAuthorize: ignored('it has one meaning only'),
    options: ignored('the login takes one exchange less or more as the client goes on'),
    db: ignored('users are roles of the whole server'),
  },
  run: async ({ mechanism, payload }, context) => {
    if (mechanism !== 'SCRAM-SHA-256') throw new DocumentError('MechanismUnavailable', `Received authentication for mechanism ${mechanism} which is not enabled: SCRAM-SHA-256 is`);
    return await beginLogin(context, payload);
  },
});

async function beginLogin({ server, connection }: CommandContext, payload: Uint8Array): Promise<Document> {
  const { authenticator } = server.options;
  const scram = await asMongodb(() => authenticator.beginScram({ clientFirst: Buffer.from(payload).toString('utf8'), address: connection.host }));
  connection.login = { conversationId: 1, scram, isProven: false };
  return saslReply({ isDone: false, payload: scram.serverFirst });
}

export const saslContinue = command({
  name: 'saslContinue',
  summary: 'Goes on with a login.',
  anonymous: true,
  apiVersion1: true,
  fields: { saslContinue: required(anyValue), conversationId: required(int), payload: required(binary) },
  run: async ({ conversationId, payload }, { server, connection, documents }) => {
    const { login } = connection;
    if (login === undefined || login.conversationId !== conversationId) throw new DocumentError('ProtocolError', 'No SASL session state found');
    if (login.isProven) {
      connection.login = undefined;
      return saslReply({ isDone: true, payload: '' });
    }
    const { principal, serverFinal } = await asMongodb(() => Promise.resolve(login.scram.finish(Buffer.from(payload).toString('utf8'))));
    documents.learnSecret(principal.role, principal.keys);
    connection.role = principal.role;
    connection.isSuperuser = principal.superuser;
    connection.login = undefined;
    server.options.log.debug({ client: connection.address, role: principal.role }, 'a client has logged in');
    return saslReply({ isDone: true, payload: serverFinal });
  },
});

/** In MongoDB's words, which tell nothing but that it failed. */
async function asMongodb<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isFacetError(error, 'authentication_failed')) throw new DocumentError('AuthenticationFailed', 'Authentication failed.', { cause: error });
    throw error;
  }
}

function saslReply({ isDone, payload }: { readonly isDone: boolean; readonly payload: string }): Document {
  return new Map<string, Value>([['conversationId', int32(1)], ['done', isDone], ['payload', new Binary(Buffer.from(payload), 0)]]);
}

export const logout = command({
  name: 'logout',
  summary: 'Ends the login of a connection.',
  fields: { logout: required(anyValue) },
  run: (_fields, { server, connection }) => {
    server.signOut(connection);
    return new Map();
  },
});

export const ping = command({
  name: 'ping',
  summary: 'Answers.',
  anonymous: true,
  apiVersion1: true,
  takesOthers: true,
  fields: { ping: required(anyValue) },
  run: () => new Map(),
});

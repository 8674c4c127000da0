// The one table of FacetDB's options. A row is an option: from its name come the flag (`--http-port`), the variable
// (`FACETDB_HTTP_PORT`) and the key in facetdb.config.json (`httpPort`); the help and docs/configuration.md are made from
// the rest. Reading and precedence: settings.ts. What options mean together: settings-rules.ts.

import { z } from 'zod';
import { engineLimits } from '../engine/limits.ts';
import { logLevels } from '../kernel/log.ts';
import { serverLimits } from './limits.ts';

export const optionGroups = ['Store', 'Listening', 'Security', 'Connections to PostgreSQL', 'Configuration and output'] as const;

export type OptionRow = {
  readonly group: (typeof optionGroups)[number];
  /** Stands for the value in the help (`DIR`). Without one the option is a switch: given or not. */
  readonly value?: string;
  readonly help: string;
  /** Completes "expected …" where a value is refused. */
  readonly expects: string;
  /** Takes the text of a flag or a variable, and the JSON value of the file. */
  readonly schema: z.ZodType;
  readonly default: string | number | boolean | undefined;
  /** Says in words what holds without the option, where `default` alone does not tell. */
  readonly defaultText?: string;
  /** A file or folder: relative to the current folder, or to the configuration file's where it is given there. */
  readonly isPath?: true;
  /** The value may hold a password, and is never shown. */
  readonly isSecret?: true;
  /** Only the command `facetdb` knows it: it means nothing to a program that embeds FacetDB. */
  readonly isCommandOnly?: true;
};

const text = z.string().min(1);
const hostText = z.string().regex(/^[A-Za-z0-9._:%-]+$/);
const switchValue = z.union([z.boolean(), z.stringbool({ truthy: ['true', '1', 'yes', 'on'], falsy: ['false', '0', 'no', 'off'] })]);
const switchExpects = 'true or false';

function wholeNumber({ min, max }: { min: number; max: number }) {
  const number = z.number().int().min(min).max(max);
  return z.union([number, z.string().regex(/^\d{1,15}$/).transform(Number).pipe(number)]);
}

/** The port of one protocol. A protocol's name is a row's name without `Port`. */
function port(protocol: string, standardPort: number) {
  return {
    group: 'Listening',
    value: 'PORT',
    help: `port for ${protocol}; 0 picks a free one, "off" disables it`,
    expects: 'a port from 0 to 65535, or "off"',
    schema: z.union([z.literal('off'), wholeNumber({ min: 0, max: 65_535 })]),
    default: standardPort,
  } as const satisfies OptionRow;
}

export const options = {
  data: {
    group: 'Store',
    value: 'DIR',
    help: 'data folder of the embedded PostgreSQL; made where it does not exist',
    expects: 'a folder',
    schema: text,
    default: undefined,
    defaultText: "./facetdb-data, or /var/lib/facetdb where root's PostgreSQL could not get there",
    isPath: true,
  },
  engine: {
    group: 'Store',
    value: 'URL',
    help: 'use this PostgreSQL (15 or newer) instead of the embedded one: postgres://user:password@host/database, several hosts separated by commas',
    expects: 'a URL that begins with postgres:// or postgresql://',
    schema: z.string().regex(/^postgres(ql)?:\/\/./),
    default: undefined,
    defaultText: 'the embedded PostgreSQL',
    isSecret: true,
  },

  host: {
    group: 'Listening',
    value: 'ADDRESS',
    help: 'address to listen on, for every protocol',
    expects: 'an IP address or a host name',
    schema: hostText,
    default: '127.0.0.1',
  },
  postgresPort: port('PostgreSQL clients', 5432),
  postgresRelayPort: {
    ...port('', 0),
    help: 'port for SQL clients whose open transactions other connections may join (facetdb.share_transaction()), and who join those of others; FacetDB stands between there, which costs time; 0 picks a free one',
    default: 'off',
    defaultText: 'off',
  },
  httpPort: port('HTTP', 8080),
  redisPort: port('Redis clients', 6379),
  mongodbPort: port('MongoDB clients', 27017),

  noAuth: {
    group: 'Security',
    help: 'anyone who can connect may do anything; only on loopback addresses',
    expects: switchExpects,
    schema: switchValue,
    default: false,
  },
  tlsCert: {
    group: 'Security',
    value: 'FILE',
    help: 'certificate (PEM, with its chain): TLS on every protocol',
    expects: 'a file',
    schema: text,
    default: undefined,
    isPath: true,
  },
  tlsKey: {
    group: 'Security',
    value: 'FILE',
    help: 'private key of the certificate (PEM, without a passphrase)',
    expects: 'a file',
    schema: text,
    default: undefined,
    isPath: true,
  },
  insecure: {
    group: 'Security',
    help: 'listen beyond loopback without TLS, or with --no-auth, all the same',
    expects: switchExpects,
    schema: switchValue,
    default: false,
  },

  httpCorsOrigin: {
    group: 'Security',
    value: 'ORIGINS',
    help: 'origins whose pages browsers may let in over HTTP, separated by commas (https://app.example); "*" for all',
    expects: 'origins separated by commas, or "*"',
    schema: z.string().regex(/^(?:\*|https?:\/\/[^\s,/]+(?:,https?:\/\/[^\s,/]+)*)$/),
    default: undefined,
    defaultText: 'none',
  },
  testCommands: {
    group: 'Security',
    help: 'allow MongoDB clients to make commands fail (configureFailPoint), for the test suites of drivers',
    expects: switchExpects,
    schema: switchValue,
    default: false,
  },

  poolSize: {
    group: 'Connections to PostgreSQL',
    value: 'COUNT',
    help: 'connections that FacetDB itself opens to PostgreSQL at most, for each role and database',
    expects: `a whole number from 1 to ${serverLimits.poolSizeMax}`,
    schema: wholeNumber({ min: 1, max: serverLimits.poolSizeMax }),
    default: engineLimits.poolConnections,
  },
  poolWaitMs: {
    group: 'Connections to PostgreSQL',
    value: 'MS',
    help: 'milliseconds that a request waits for such a connection before it fails',
    expects: `a whole number from 1 to ${serverLimits.poolWaitMaxMs}`,
    schema: wholeNumber({ min: 1, max: serverLimits.poolWaitMaxMs }),
    default: engineLimits.poolWaitMs,
  },

  json: {
    group: 'Configuration and output',
    help: 'one line of JSON on standard output when ready, and the log as JSON on standard error',
    expects: switchExpects,
    schema: switchValue,
    default: false,
    isCommandOnly: true,
  },
  logLevel: {
    group: 'Configuration and output',
    value: 'LEVEL',
    help: `least severe level that is logged: ${logLevels.join(', ')}`,
    expects: `one of ${logLevels.join(', ')}`,
    schema: z.enum(logLevels),
    default: 'info',
    isCommandOnly: true,
  },
  config: {
    group: 'Configuration and output',
    value: 'FILE',
    help: 'configuration file (JSON) to read instead of ./facetdb.config.json',
    expects: 'a file',
    schema: text,
    default: undefined,
    defaultText: './facetdb.config.json, where it exists',
    isPath: true,
    isCommandOnly: true,
  },
} as const satisfies Record<string, OptionRow>;

export type OptionName = keyof typeof options;
export const optionNames = Object.keys(options) as OptionName[];

/** One for each protocol. */
export type PortOptionName = Extract<OptionName, `${string}Port`>;
export const portOptionNames = optionNames.filter((name): name is PortOptionName => name.endsWith('Port'));

/** The options, each with its checked value or its default. */
export type Settings = {
  readonly [Name in OptionName]: z.output<(typeof options)[Name]['schema']> | (typeof options)[Name]['default'];
};

/** `httpPort` → `--http-port`. */
export function flagOf(name: OptionName): string {
  return `--${words(name).join('-')}`;
}

/** `httpPort` → `FACETDB_HTTP_PORT`. */
export function variableOf(name: OptionName): string {
  return `FACETDB_${words(name).join('_').toUpperCase()}`;
}

export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(options, name);
}

function words(name: string): string[] {
  return name.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
}

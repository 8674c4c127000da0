// Who may connect to the embedded PostgreSQL, and how: the texts of pg_hba.conf and pg_ident.conf. Pure. The first rule
// that fits a connection decides. Manual: "Client Authentication".

export type AccessRuleOptions = {
  /** `none`: no password is asked for. */
  readonly authentication: 'scram' | 'none';
  readonly hasTls: boolean;
  /** Beyond loopback, plain TCP and missing passwords are meant. */
  readonly insecure: boolean;
  /** A role that may only use the private socket. */
  readonly systemRole: string;
};

const header = '# Written by FacetDB at every start: changes made here are lost.\n';

const loopback = ['127.0.0.0/8', '::1/128'];

/** pg_hba.conf. `all` does not include `replication`, so each rule stands twice. */
export function hostRules({ authentication, hasTls, insecure, systemRole }: AccessRuleOptions): string {
  const method = authentication === 'scram' ? 'scram-sha-256' : 'trust';
  const remote = remoteConnections({ authentication, hasTls, insecure });
  const rules = [
    ['local', 'all', 'peer map=facetdb'],
    ['host', quotedName(systemRole), 'all', 'reject'],
    ...loopback.map((address) => ['host', 'all', address, method]),
    ...(remote === undefined ? [] : [[remote, 'all', 'all', method]]),
  ];
  const lines = rules.flatMap(([connection, ...rest]) => ['all', 'replication'].map((database) => [connection, database, ...rest].join('\t')));
  return `${header}${lines.join('\n')}\n`;
}

/** The kind of connection that is let in from beyond loopback; none where there is nothing to protect it. */
function remoteConnections({ authentication, hasTls, insecure }: Pick<AccessRuleOptions, 'authentication' | 'hasTls' | 'insecure'>): 'host' | 'hostssl' | undefined {
  if (insecure) return 'host';
  return hasTls && authentication === 'scram' ? 'hostssl' : undefined;
}

/** pg_ident.conf: on the private socket, FacetDB's own user of the operating system is every role, and nobody else is any. */
export function userMap(systemUser: string): string {
  return `${header}facetdb\t${quotedName(systemUser)}\tall\n`;
}

function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

// What the manual writes instead of what differs from server to server: the default ports, and the password `Xq…`.

import type { ServerUrls } from '../../support/server.ts';

const documentedPorts = { postgres: 5432, postgresRelay: 5433, http: 8080, redis: 6379, mongodb: 27017 } as const satisfies Record<keyof ServerUrls, number>;
export const documentedPassword = 'Xq…';

export type Fill = (text: string) => string;

/** Puts the ports and the password of a running server in. */
export function fillFor(urls: ServerUrls): Fill {
  const { password } = new URL(urls.postgres);
  const ports = new Map(Object.entries(urls).map(([protocol, url]) => [String(documentedPorts[protocol as keyof ServerUrls]), new URL(url).port]));
  return (text) => text.replaceAll(documentedPassword, password).replaceAll(/(?<=127\.0\.0\.1:)\d+/gu, (port) => ports.get(port) ?? port);
}

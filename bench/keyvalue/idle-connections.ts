// Ten thousand connections that do nothing: what they cost in memory, and that they still answer.

import { RespClient, closed } from '../../test/redis/support/resp-client.ts';
import { memoryOf } from '../process-memory.ts';
import type { KeyvalueBenchmark } from './contenders.ts';

const connections = 10_000;
const openedAtOnce = 200;

export async function idleConnections({ server, facetdb }: KeyvalueBenchmark): Promise<void> {
  const memory = (): number => memoryOf([server.pid]).residentBytes;
  const before = memory();
  const clients: RespClient[] = [];
  while (clients.length < connections) {
    clients.push(...(await Promise.all(Array.from({ length: Math.min(openedAtOnce, connections - clients.length) }, () => RespClient.connect(facetdb)))));
  }
  const afterConnecting = memory();
  const answered = await countAnswers(clients);
  const afterAsking = memory();
  for (const client of clients) client.close();

  console.log(`\n${connections.toLocaleString('en')} idle connections: resident memory of FacetDB ${megabytes(before)} before,`);
  console.log(`${megabytes(afterConnecting)} connected (${perConnection(afterConnecting - before)}), ${megabytes(afterAsking)} after each asked once (${perConnection(afterAsking - before)})`);
  console.log(`${answered.toLocaleString('en')} of them answer`);
  if (answered !== connections) process.exitCode = 1;
}

async function countAnswers(clients: readonly RespClient[]): Promise<number> {
  let answered = 0;
  for (let first = 0; first < clients.length; first += openedAtOnce) {
    const replies = await Promise.all(clients.slice(first, first + openedAtOnce).map((client) => client.call('GET', 'nothing')));
    answered += replies.filter((reply) => reply !== closed && reply.type === '$').length;
  }
  return answered;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

function perConnection(bytes: number): string {
  return `${(bytes / connections / 1024).toFixed(1)} KB each`;
}

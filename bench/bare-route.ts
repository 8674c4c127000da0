// What HTTP costs without a store: a Fastify in a process of its own that answers a constant. It tells its parent the port.

import fastify from 'fastify';

const app = fastify();
const constant = JSON.stringify({ id: 12_345, name: 'name 12345', score: 12_345 / 7, note: 'x'.repeat(100) });
app.all('*', async (_request, reply) => await reply.type('application/json; charset=utf-8').send(constant));
const address = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
process.send?.(Number(address.port));
process.once('disconnect', () => process.exit());

// A process of its own that starts the embedded PostgreSQL on the folder given, says so, and waits to be ended: by
// SIGTERM in order, by SIGUSR2 without stopping anything.

import { startEmbedded } from './embedded.ts';

const running = await startEmbedded(process.argv[2] ?? '');
process.on('SIGTERM', () => void running.stop().then(() => process.exit(0)));
process.on('SIGUSR2', () => process.exit(1));
setInterval(() => undefined, 60_000);
process.stdout.write('up\n');

// Starts the embedded PostgreSQL on the folder given and stops it; says whether the cluster was created, or the error.

import { isFacetError } from '../../src/kernel/errors.ts';
import { ask, startEmbedded } from './embedded.ts';

try {
  const { postgres, stop } = await startEmbedded(process.argv[2] ?? '');
  await ask(postgres, 'select 1');
  await stop();
  console.log(postgres.created ? 'created' : 'found');
} catch (error) {
  if (!isFacetError(error)) throw error;
  console.log(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}

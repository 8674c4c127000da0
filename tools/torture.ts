// npm run torture -- [--load sql|redis|mongodb|joined] --rounds N [--seed S] [--clients C] [--data DIR]: kills FacetDB, PostgreSQL or both at random moments under load, and
// checks after each recovery that every acknowledged commit is there and nothing is half there. The suite runs a few rounds
// of the same (test/acid/durability.test.ts). Exit code 1 when anything was lost.

import { parseArgs } from 'node:util';
import { torture, workloads } from '../test/acid/torture/torture.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    clients: { type: 'string', default: '8' },
    data: { type: 'string' },
    load: { type: 'string', default: 'sql' },
  },
});
const [rounds, seed, clients] = [values.rounds, values.seed, values.clients].map(Number);
if (!isCount(rounds) || !isCount(clients) || !Number.isInteger(seed)) {
  console.error('--rounds and --clients are whole numbers from 1, --seed is a whole number');
  process.exit(2);
}

const { load } = values;
if (!isLoad(load)) {
  console.error(`--load is one of: ${Object.keys(workloads).join(', ')}`);
  process.exit(2);
}

console.log(`Torture: ${load}, ${rounds} rounds, ${clients} clients, seed ${seed}`);
const finished = await torture({
  rounds,
  seed: Number(seed),
  load,
  clients,
  dataDir: values.data,
  onRound({ number, victim, loadMs, recoveryMs, acknowledged, unanswered, violations }) {
    const told = `${acknowledged} commits acknowledged, ${unanswered} unanswered`;
    console.log(`${String(number).padStart(4)}  kill -9 ${victim.padEnd(10)} after ${loadMs} ms: ${told}; back in ${Math.round(recoveryMs)} ms`);
    for (const violation of violations) console.log(`      LOST: ${violation}`);
  },
});

const total = finished.reduce((sum, round) => sum + round.acknowledged, 0);
const broken = finished.filter((round) => round.violations.length > 0);
console.log(`${total} acknowledged commits in ${finished.length} rounds; rounds with something missing or half there: ${broken.length}`);
process.exitCode = broken.length === 0 ? 0 : 1;

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 1;
}

function isLoad(name: string): name is keyof typeof workloads {
  return Object.hasOwn(workloads, name);
}

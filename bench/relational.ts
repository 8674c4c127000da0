// SQL through FacetDB's PostgreSQL port against the same PostgreSQL started by hand with the same settings, and against
// Debian's where it is installed: pgbench, prepared statements, read-only and the default ("TPC-B-like"), interleaved.
//
//   npm run bench -- relational [--rounds 5] [--seconds 5] [--scale 10] [--clients 8]
//
// By hand: `initdb` with FacetDB's options, and every setting that FacetDB's own server reports as coming from its
// configuration file or command line, apart from places (ports, paths, names). All three listen on 127.0.0.1.

import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { findProgram } from '../src/engine/process/program.ts';
import { userForPostgres } from '../src/engine/process/system-user.ts';
import { startServer } from '../test/support/server.ts';
import { withClient } from '../test/support/with-client.ts';
import { debianPrograms, type HandStarted, startByHand } from './hand-started-postgres.ts';
import { initialize, measure, pgbenchVersion } from './pgbench.ts';
import { machineLine, median } from './report.ts';

type Contender = { readonly name: string; readonly url: string; readonly stop: () => Promise<unknown> };

const workloads = [
  { name: 'read-only', options: ['--select-only', '--no-vacuum'] },
  { name: 'TPC-B-like', options: [] },
] as const;

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      scale: { type: 'string', default: '10' },
      clients: { type: 'string', default: '8' },
    },
  });
  const client = pgbenchVersion();
  if (client === undefined) {
    console.log('Skipped: pgbench is not installed (Debian, Ubuntu: apt-get install postgresql-contrib; macOS: brew install postgresql)');
    return;
  }
  const [rounds, scale] = [Number(values.rounds), Number(values.scale)];

  const contenders = await startContenders();
  try {
    console.log(`${machineLine()}, ${client}`);
    for (const { name, url } of contenders) {
      console.log(`${name}: PostgreSQL ${await versionOf(url)}`);
      await initialize(url, scale);
    }
    console.log(`settings that differ between FacetDB and by hand: ${await differences(contenders[0]!.url, contenders[1]!.url)}`);
    console.log(`\nscale ${scale}, ${values.clients} clients, prepared, ${rounds} rounds of ${values.seconds} s, interleaved; transactions a second, medians\n`);
    for (const { name, options } of workloads) {
      const rates = contenders.map((): number[] => []);
      for (let round = 0; round < rounds; round++) {
        // Each is the first of a round as often as the others.
        for (let turn = 0; turn < contenders.length; turn++) {
          const index = (round + turn) % contenders.length;
          const { url } = contenders[index]!;
          await withClient(url, (each) => each.query('checkpoint'));
          rates[index]!.push(await measure(url, ['--protocol=prepared', `--client=${values.clients}`, '--jobs=2', `--time=${values.seconds}`, ...options]));
        }
      }
      console.log(resultLine(name, contenders, rates));
    }
  } finally {
    for (const { stop } of contenders) await stop();
  }
}

async function startContenders(): Promise<Contender[]> {
  const facetdb = await startServer();
  const contenders: Contender[] = [{ name: 'FacetDB', url: facetdb.urls.postgres, stop: () => facetdb.stop() }];
  const settings = await settingsOf(facetdb.urls.postgres);
  const common = ['--encoding=UTF8', '--locale=C', '--data-checksums'];
  const { postgres } = await findProgram(userForPostgres());
  const byHand = await startByHand({ programs: dirname(postgres), initdbOptions: [...common, '--locale-provider=builtin', '--builtin-locale=C.UTF-8'], settings });
  contenders.push(contender('by hand', byHand));
  const debian = debianPrograms();
  if (debian !== undefined) contenders.push(contender('Debian', await startByHand({ programs: debian, initdbOptions: common, settings })));
  return contenders;
}

function contender(name: string, { url, stop }: HandStarted): Contender {
  return { name, url, stop };
}

/** What FacetDB has set, so that others can be set alike. */
async function settingsOf(url: string): Promise<Map<string, string>> {
  return await settingsWhere(url, `source in ('configuration file', 'command line') and context <> 'internal'`);
}

/** Settings with their values, apart from those that only say where a server is and what it is called. */
async function settingsWhere(url: string, condition: string): Promise<Map<string, string>> {
  const { rows } = await withClient(url, (client) =>
    client.query<{ name: string; value: string }>(
      `select name, current_setting(name) as value from pg_settings
       where name not in ('port', 'cluster_name', 'data_directory', 'config_file', 'hba_file', 'ident_file', 'external_pid_file')
         and name not like 'unix_socket_%' and name not like 'ssl%' and ${condition}
       order by name`,
    ),
  );
  return new Map(rows.map(({ name, value }) => [name, value]));
}

/** The settings of the first that the second has otherwise, or not at all: `name (here, there)`. */
async function differences(here: string, there: string): Promise<string> {
  const [ours, theirs] = [await settingsWhere(here, 'true'), await settingsWhere(there, 'true')];
  const differing = [...ours].filter(([name, value]) => theirs.get(name) !== value);
  return differing.map(([name, value]) => `${name} (${value}, ${theirs.get(name)})`).join(', ') || 'none';
}

async function versionOf(url: string): Promise<string> {
  const { rows } = await withClient(url, (client) => client.query<{ server_version: string }>('show server_version'));
  return rows[0]?.server_version ?? 'unknown';
}

function resultLine(name: string, contenders: readonly Contender[], rates: readonly number[][]): string {
  const figures = contenders.map((each, index) => `${each.name} ${Math.round(median(rates[index]!)).toLocaleString('en')}`);
  const ratios = contenders.slice(1).map((each, index) => `FacetDB / ${each.name} ${median(rates[0]!.map((rate, round) => rate / rates[index + 1]![round]!)).toFixed(3)}`);
  return `${name.padEnd(11)}  ${figures.join('   ')}   ${ratios.join('   ')}`;
}

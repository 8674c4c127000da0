// What the command line accepts and refuses before anything is started.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { version } from '../../src/kernel/version.ts';
import { flagOf, optionNames, variableOf } from '../../src/server/options.ts';
import { facetdb } from '../support/command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('--version', async () => {
  assert.deepEqual(await facetdb(['--version']), { code: exitCodes.ok, stdout: `${version}\n`, stderr: '' });
});

test('--help shows the commands, examples and exit codes; that of start shows every option', async () => {
  const { code, stdout, stderr } = await facetdb(['--help']);
  assert.deepEqual([code, stderr], [exitCodes.ok, '']);
  for (const part of ['start', 'status', 'stop', 'users', 'Examples:', 'Exit codes:']) assert.ok(stdout.includes(part), part);
  const help = (await facetdb(['start', '--help'])).stdout;
  for (const name of optionNames) assert.ok(help.includes(`${flagOf(name)} `), name);
  assert.ok(help.includes(variableOf('httpPort')));
});

test('without a command, the help, and an exit code that says so', async () => {
  const { code, stdout, stderr } = await facetdb([]);
  assert.equal(code, exitCodes.usage);
  assert.equal(stdout, '');
  assert.match(stderr, /^Usage: facetdb/);
});

test('mistakes are named, each with the exit code for them', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'facetdb.config.json'), '{"httpPort": 70000}');
  const engine = 'postgres://u:secret@localhost/d';
  const cases: [string[], RegExp, Record<string, string>?, string?][] = [
    [['start', '--http-prt', '1'], /unknown option '--http-prt' \(Did you mean --http-port\?\)/],
    [['start', '--http-port'], /option '--http-port <PORT>' argument missing/],
    [['start', '--http-port', '-1'], /--http-port: expected a port from 0 to 65535, or "off", not "-1"/],
    [['start', 'now'], /too many arguments/],
    [['begin'], /unknown command 'begin'/],
    [['start'], /FACETDB_POSTGRES_PORT: expected a port/, { FACETDB_POSTGRES_PORT: 'x' }],
    [['start'], /unknown variable FACETDB_PORTT/, { FACETDB_PORTT: '1' }],
    [['start'], /"httpPort" in facetdb\.config\.json: expected a port/, {}, folder],
    [['start', '--config', 'missing.json'], /missing\.json cannot be read/],
    [['start', '--data', 'x', '--engine', engine], /--data and --engine exclude each other/],
    [['start', '--postgres-port', '5432', '--engine', engine], /--postgres-port and --engine exclude each other/],
    [['start', '--engine', 'mysql://u:secret@h/d'], /--engine: expected a URL that begins with postgres:\/\//],
    [['start', '--host', '0.0.0.0'], /listening beyond loopback needs protection: on 0\.0\.0\.0 .* --insecure/],
    [['start', '--host', '0.0.0.0', '--no-auth', '--tls-cert', 'c', '--tls-key', 'k'], /with --no-auth anyone who reaches 0\.0\.0\.0/],
    [['start', '--tls-cert', 'c'], /--tls-cert needs --tls-key/],
    [['start', '--tls-cert', 'missing.pem', '--tls-key', 'missing.pem'], /--tls-cert .*missing\.pem: ENOENT/],
    [['status', '--engine', engine], /unknown option '--engine'/],
    [['stop'], /a FacetDB on an external PostgreSQL has no data folder/, { FACETDB_ENGINE: engine }],
    [['users'], /Usage: facetdb users/],
    [['users', 'add'], /missing required argument 'name'/],
    [['users', 'add', 'ann', '--password', 'x'], /unknown option '--password'/],
    [['users', 'grant', 'ann', 'own', 'on', 'shop'], /expected "read\|write\|all on SCHEMA\[\.TABLE\]" or "--role ROLE", not "own on shop"/],
    [['users', 'grant', 'ann', 'read', 'on', 'shop', '--role', 'r'], /--role stands alone/],
  ];
  for (const [args, message, environment = {}, current = temporaryFolder()] of cases) {
    const { code, stdout, stderr } = await facetdb(args, { environment, folder: current });
    assert.match(stderr, message, args.join(' '));
    assert.equal(code, exitCodes.usage, args.join(' '));
    assert.equal(stdout, '', args.join(' '));
    assert.doesNotMatch(stderr, /secret/);
  }
});

test('with --json, a start that fails says so in JSON, on standard error', async () => {
  const { code, stdout, stderr } = await facetdb(['start', '--json', '--http-port', 'x']);
  const { level, msg, err } = JSON.parse(stderr) as { level: string; msg: string; err: { code: string } };
  assert.deepEqual([code, stdout, level, err.code], [exitCodes.usage, '', 'fatal', 'configuration_invalid']);
  assert.match(msg, /--http-port: expected a port/);
});

test('where nothing runs, commands for a running server say so', async () => {
  for (const args of [['status'], ['stop'], ['users', 'list'], ['users', 'add', 'ann']]) {
    const { code, stdout, stderr } = await facetdb([...args, '--data', 'nowhere']);
    assert.equal(code, exitCodes.notRunning, args.join(' '));
    assert.match(stderr, /^error: no FacetDB is running here: .*nowhere/);
    assert.equal(stdout, '');
  }
  const json = await facetdb(['status', '--json', '--data', 'nowhere']);
  assert.deepEqual(json, { code: exitCodes.notRunning, stdout: '{"status":"stopped"}\n', stderr: '' });
});

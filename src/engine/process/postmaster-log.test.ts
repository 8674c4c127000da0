import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { createLog } from '../../kernel/log.ts';
import { processLimits } from './limits.ts';
import { parseMessage, PostmasterLog } from './postmaster-log.ts';

type Entry = { level: string; msg: string; sqlState?: string; host?: string };

function read(...chunks: string[]): { entries: Entry[]; log: PostmasterLog } {
  const entries: Entry[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      entries.push(JSON.parse(chunk.toString()) as Entry);
      done();
    },
  });
  const log = new PostmasterLog(createLog({ level: 'debug', format: 'json', stream }));
  for (const chunk of chunks) log.write(chunk);
  log.end();
  return { entries, log };
}

test('a message is read across pieces, and what belongs to it left out', () => {
  const { entries } = read('12|client backend|10.0.0.7|28P01|FATAL:  password authen', 'tication failed for user "ann"\n12|client backend|10.0.0.7|28P01|DETAIL:  Connection matched file\n\tand more\n');
  assert.deepEqual(entries.map(({ level, msg, sqlState, host }) => ({ level, msg, sqlState, host })), [{ level: 'warn', msg: 'password authentication failed for user "ann"', sqlState: '28P01', host: '10.0.0.7' }]);
});

test('what clients wrote stays out of the log', () => {
  const { entries } = read(
    `7|client backend|[local]|42601|ERROR:  syntax error at or near "hunter2"\n7|client backend|[local]|42601|STATEMENT:  ALTER ROLE ann PASSWORD hunter2\n`,
    `7|client backend|[local]|01000|WARNING:  hunter2\n7|client backend|[local]|42601|CONTEXT:  SQL statement "ALTER ROLE ann PASSWORD 'hunter2'"\n\thunter2\n`,
  );
  assert.equal(JSON.stringify(entries).includes('hunter2'), false);
  assert.deepEqual(entries.map(({ level }) => level), ['debug', 'debug']);
});

test('a client cannot make a line that looks like the server’s', () => {
  const { log } = read('7|client backend|::1|28000|FATAL:  role "x\n\t1|startup||53100|PANIC:  No space left on device" does not exist\n');
  assert.equal(log.isDiskFull, false);
});

test('grave lines explain a failure', () => {
  const { log, entries } = read('1|startup||53100|PANIC:  could not write to file "pg_wal/xlogtemp.9": No space left on device\n', 'postgres: could not access directory "/x": No such file or directory\n');
  assert.equal(log.isDiskFull, true);
  assert.match(log.explanation, /could not write to file.*; postgres: could not access directory/);
  assert.deepEqual(entries.map(({ level }) => level), ['error', 'warn']);
});

test('a full disk met by a client is an error to see, and not the end of the server', () => {
  const { log, entries } = read('9|client backend|[local]|53100|ERROR:  could not extend file "base/5/1": No space left on device\n');
  assert.equal(entries[0]?.level, 'error');
  assert.equal(log.isDiskFull, false);
});

test('an address that is taken is noticed', () => {
  assert.match(read('1|postmaster||00000|LOG:  could not bind IPv4 address "127.0.0.1": Address already in use\n').log.bindFailure ?? '', /already in use/);
});

test('lines are cut, however long they are', () => {
  const { entries } = read(`1|checkpointer||00000|LOG:  ${'x'.repeat(100_000)}`, 'x'.repeat(100_000), '\n');
  assert.equal(entries.length, 1);
  assert.ok((entries[0]?.msg.length ?? Infinity) <= processLimits.logLineLength);
});

test('severities with numbers and other forms', () => {
  assert.equal((parseMessage('1|postmaster||00000|DEBUG3:  x') as { severity: string }).severity, 'DEBUG3');
  assert.equal(parseMessage('1|postmaster||00000|HINT:  x'), 'further');
  assert.equal(parseMessage('Killed'), undefined);
});

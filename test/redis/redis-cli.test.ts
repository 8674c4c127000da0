// Redis's own shell, where it is installed: commands, piped input, its modes that ask several things.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { keyMaker, sharedRedisUrl } from './support/shared-redis.ts';

const installed = spawnSync('redis-cli', ['--version']).status === 0;
const skip = installed ? false : 'redis-cli is not installed';
const url = installed ? await sharedRedisUrl() : '';
const key = keyMaker('redis-cli');

test('a command', { skip }, () => {
  assert.equal(redisCli(['set', key('a'), 'some text']), 'OK');
  assert.equal(redisCli(['get', key('a')]), 'some text');
  assert.equal(redisCli(['--no-raw', 'strlen', key('a')]), '(integer) 9');
  assert.equal(redisCli(['incr', key('a')]), 'ERR value is not an integer or out of range');
});

test('a script on standard input, over RESP3', { skip }, () => {
  const script = [`hset ${key('hash')} field "with a \\"quote\\""`, `hgetall ${key('hash')}`, 'ping'].join('\n');
  assert.equal(redisCli(['-3', '--no-raw'], script), ['(integer) 1', '1# "field" => "with a \\"quote\\""', 'PONG'].join('\n'));
});

test('--pipe loads a file of commands', { skip }, () => {
  const commands = Array.from({ length: 1_000 }, (_, index) => `rpush ${key('loaded')} ${index}\r\n`).join('');
  assert.match(redisCli(['--pipe'], commands), /errors: 0, replies: 1000/);
  assert.equal(redisCli(['lindex', key('loaded'), '-1']), '999');
});

test('--scan lists keys', { skip }, () => {
  assert.equal(redisCli(['--scan', '--pattern', key('load*')]), key('loaded'));
});

test('it knows the commands', { skip }, () => {
  assert.match(redisCli(['command', 'docs', 'get']), /summary/);
  assert.match(redisCli(['info', 'server']), /^redis_version:7\.0\./m);
});

/** What it printed. */
function redisCli(args: readonly string[], input?: string): string {
  const { stdout, error } = spawnSync('redis-cli', ['-u', url, '--no-auth-warning', ...args], { input, encoding: 'utf8', timeout: 20_000 });
  assert.equal(error, undefined);
  return stdout.trimEnd();
}

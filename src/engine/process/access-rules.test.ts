import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostRules, userMap } from './access-rules.ts';

const usual = { authentication: 'scram', hasTls: false, insecure: false, systemRole: 'facetdb_system' } as const;

function rules(options: Partial<Parameters<typeof hostRules>[0]> = {}): string[] {
  return hostRules({ ...usual, ...options }).split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.replaceAll('\t', ' '));
}

test('by default: peers on the private socket, passwords on loopback, nobody from beyond', () => {
  assert.deepEqual(rules(), [
    'local all all peer map=facetdb',
    'local replication all peer map=facetdb',
    'host all "facetdb_system" all reject',
    'host replication "facetdb_system" all reject',
    'host all all 127.0.0.0/8 scram-sha-256',
    'host replication all 127.0.0.0/8 scram-sha-256',
    'host all all ::1/128 scram-sha-256',
    'host replication all ::1/128 scram-sha-256',
  ]);
});

test('from beyond loopback: by TLS only, unless plain is meant', () => {
  assert.deepEqual(rules({ hasTls: true }).slice(-2), ['hostssl all all all scram-sha-256', 'hostssl replication all all scram-sha-256']);
  assert.deepEqual(rules({ hasTls: true, insecure: true }).slice(-2), ['host all all all scram-sha-256', 'host replication all all scram-sha-256']);
});

test('without passwords: on loopback, and beyond only when it is meant', () => {
  assert.equal(rules({ authentication: 'none' }).at(-1), 'host replication all ::1/128 trust');
  assert.equal(rules({ authentication: 'none', hasTls: true }).at(-1), 'host replication all ::1/128 trust');
  assert.equal(rules({ authentication: 'none', insecure: true }).at(-1), 'host replication all all trust');
});

test('the system user is named exactly', () => {
  assert.match(userMap('an "odd" one'), /^facetdb\t"an ""odd"" one"\tall$/m);
});

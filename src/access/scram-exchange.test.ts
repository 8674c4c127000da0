import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { isFacetError } from '../kernel/errors.ts';
import { ScramExchange, readClientFirst } from './scram-exchange.ts';
import { createVerifier, mockVerifier } from './scram-verifier.ts';

// The exchange of RFC 7677, section 3.
const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
const serverNonce = '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
const clientFirst = 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO';
const serverFirst = `r=rOprNGfwEbeRWgbNEkqO${serverNonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
const clientFinal = `c=biws,r=rOprNGfwEbeRWgbNEkqO${serverNonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`;

const rfcExchange = async (): Promise<ScramExchange> =>
  new ScramExchange({ first: readClientFirst(clientFirst), verifier: await createVerifier('pencil', { salt }), serverNonce });
const isRefusal = (error: unknown): boolean => isFacetError(error, 'authentication_failed');

test('the exchange of RFC 7677', async () => {
  const exchange = await rfcExchange();
  assert.equal(exchange.serverFirst, serverFirst);
  const { serverFinal, keys } = exchange.finish(clientFinal)!;
  assert.equal(serverFinal, 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
  const { storedKey } = await createVerifier('pencil', { salt });
  assert.deepEqual(createHash('sha256').update(keys.clientKey).digest(), storedKey);
});

test('names come as SCRAM encodes them', () => {
  assert.equal(readClientFirst('n,,n=a=2Cb=3Dc,r=x').user, 'a,b=c');
  assert.equal(readClientFirst('y,a=other,n=,r=x').user, '');
});

test('a wrong proof gives nothing, nor does any proof for a role that does not exist', async () => {
  const wrong = clientFinal.replace('dHzb', 'eHzb');
  assert.equal((await rfcExchange()).finish(wrong), undefined);
  const unknown = new ScramExchange({ first: readClientFirst(clientFirst), verifier: mockVerifier('user'), serverNonce });
  assert.equal(unknown.finish(clientFinal), undefined);
});

test('malformed first messages are refused', () => {
  const messages = ['', 'n', 'n,,', 'n,,n=user', 'n,,r=x', 'p=tls-unique,,n=user,r=x', 'n,,n=a=b,r=x', 'n,,n=user,r=', 'n,,m=1,n=user,r=x', `n,,n=${'u'.repeat(5_000)},r=x`];
  for (const message of messages) assert.throws(() => readClientFirst(message), isRefusal, message.slice(0, 40));
});

test('malformed second messages are refused', async () => {
  const messages = ['', 'c=biws', clientFinal.replace('biws', 'bogus'), clientFinal.replace('rOpr', 'other'), clientFinal.replace(/,p=.*/u, ',p=short'), 'x'.repeat(5_000)];
  for (const message of messages) {
    const exchange = await rfcExchange();
    assert.throws(() => exchange.finish(message), isRefusal, message.slice(0, 40));
  }
});

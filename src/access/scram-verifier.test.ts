import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createVerifier, formatVerifier, mockVerifier, parseVerifier, verifyPassword } from './scram-verifier.ts';

// The password and salt of the example in RFC 7677, section 3, and the verifier that PostgreSQL's own code makes of them.
const rfcSalt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
const rfcText = 'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=';

test('makes the verifier that PostgreSQL makes', async () => {
  assert.equal(formatVerifier(await createVerifier('pencil', { salt: rfcSalt })), rfcText);
});

test('checks a password, and hands out the keys that prove it', async () => {
  const verifier = parseVerifier(rfcText)!;
  const keys = await verifyPassword('pencil', verifier);
  assert.deepEqual(createHash('sha256').update(keys!.clientKey).digest(), verifier.storedKey);
  assert.deepEqual(keys!.serverKey, verifier.serverKey);
  for (const wrong of ['Pencil', 'pencil ', '']) assert.equal(await verifyPassword(wrong, verifier), undefined);
});

test('a verifier survives its text form', async () => {
  const verifier = await createVerifier('secret', { iterations: 1 });
  assert.deepEqual(parseVerifier(formatVerifier(verifier)), verifier);
});

test('other texts are not verifiers', () => {
  const texts = ['', 'pencil', 'md5a3556571e93b0d20722ba62be61e8c2d', rfcText.slice(0, -1), ` ${rfcText}`, rfcText.replace('4096', '0'), rfcText.replace('4096', '4294967296')];
  for (const text of texts) assert.equal(parseVerifier(text), undefined, text);
});

test('SASLprep: equal after normalisation, and as it is where SASLprep refuses', async () => {
  const iterations = 1;
  assert.ok(await verifyPassword('IX', await createVerifier('I\u00ADX', { iterations })), 'soft hyphen is mapped to nothing');
  assert.ok(await verifyPassword('a', await createVerifier('\u00AA', { iterations })), 'NFKC');
  assert.ok(await verifyPassword('a\u0007', await createVerifier('a\u0007', { iterations })), 'a control character is prohibited');
  assert.equal(await verifyPassword('', await createVerifier('\u00AD', { iterations })), undefined, 'nothing is left of it');
});

test('a mock verifier is stable for a role, differs between roles, and fits no password', async () => {
  assert.deepEqual(mockVerifier('ann').salt, mockVerifier('ann').salt);
  assert.notDeepEqual(mockVerifier('ann').salt, mockVerifier('bob').salt);
  assert.equal(await verifyPassword('', mockVerifier('ann')), undefined);
});

import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { repairLinks } from './program-source.ts';

test('missing and broken links are made, present ones left, as often as asked', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'facetdb-'));
  t.after(() => rmSync(root, { recursive: true }));
  const lib = join(root, 'native', 'lib');
  mkdirSync(lib, { recursive: true });
  writeFileSync(join(lib, 'libx.so.1.2'), '');
  const targets = ['libx.so', 'libx.so.1', 'libx.so.present'];
  writeFileSync(join(root, 'native', 'pg-symlinks.json'), JSON.stringify(targets.map((name) => ({ source: 'native/lib/libx.so.1.2', target: `native/lib/${name}` }))));
  symlinkSync('libx.so.gone', join(lib, 'libx.so.1'));
  writeFileSync(join(lib, 'libx.so.present'), 'a whole file');

  for (let time = 0; time < 2; time++) {
    assert.equal(repairLinks(root), true);
    assert.equal(readlinkSync(join(lib, 'libx.so')), 'libx.so.1.2');
    assert.equal(readlinkSync(join(lib, 'libx.so.1')), 'libx.so.1.2');
    assert.equal(lstatSync(join(lib, 'libx.so.present')).isFile(), true);
  }
});

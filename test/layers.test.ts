// The layer check itself: this tree passes, and each kind of violation, added to a small tree, is found.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkTree } from '../tools/layers/check-tree.ts';
import { importsOf } from '../tools/layers/imports-of.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

test('this tree follows the rules', () => {
  assert.deepEqual(checkTree(fileURLToPath(new URL('..', import.meta.url))), []);
});

const sound: Record<string, string> = {
  'package.json': JSON.stringify({ dependencies: { pino: '1' }, devDependencies: { pg: '1', '@scope/tool': '1' } }),
  'src/main.ts': `import { run } from './cli/program.ts';\n`,
  'src/index.ts': `export { start } from './server/server.ts';\n`,
  'src/kernel/log.ts': `import { pino } from 'pino';\nimport { open } from 'node:fs';\n`,
  'src/engine/pool.ts': `import { connect } from './wire/connection.ts';\nimport { log } from '../kernel/log.ts';\n`,
  'src/engine/pool.test.ts': `import pg from 'pg';\nimport { tool } from '@scope/tool/part';\n`,
  'src/engine/wire/connection.ts': `import type { Pool } from '../pool.ts';`,
  'src/facets/keyvalue/index.ts': `import { Pool } from '../../engine/pool.ts';\n`,
  'src/protocols/net/listener.ts': '',
  'src/protocols/redis/server.ts': `import '../net/listener.ts';\nimport { get } from '../../facets/keyvalue/index.ts';\n`,
  'src/protocols/http/http.ts': '',
  'src/server/server.ts': `import '../protocols/redis/server.ts';\n`,
  'src/cli/program.ts': `import { start } from '../server/server.ts';\n`,
};

const violations: readonly (readonly [what: string, files: Record<string, string>, complaint: string])[] = [
  ['an import against the arrows', { 'src/kernel/bad.ts': `import { Pool } from '../engine/pool.ts';` }, 'src/kernel/bad.ts:1: kernel may not import engine (engine/pool.ts)'],
  ['a type against the arrows', { 'src/cli/bad.ts': `import type { Pool } from '../engine/pool.ts';` }, 'src/cli/bad.ts:1: cli may not import engine (engine/pool.ts)'],
  ['a re-export', { 'src/access/bad.ts': `\nexport {\n  Pool,\n} from '../facets/keyvalue/index.ts';` }, 'src/access/bad.ts:4: access may not import facets (facets/keyvalue/index.ts)'],
  ['a dynamic import', { 'src/engine/bad.ts': `const x = await import('../server/server.ts');` }, 'src/engine/bad.ts:1: engine may not import server (server/server.ts)'],
  ['an import in a type', { 'src/engine/bad.ts': `let x: import('../access/roles.ts').Role;` }, 'src/engine/bad.ts:1: engine may not import access (access/roles.ts)'],
  ['a computed import', { 'src/engine/bad.ts': 'await import(`../${layer}/x.ts`);' }, 'src/engine/bad.ts:1: a computed import cannot be checked'],
  ['a protocol that reaches PostgreSQL', { 'src/protocols/http/bad.ts': `import '../../engine/pool.ts';` }, 'src/protocols/http/bad.ts:1: protocols may not import engine (engine/pool.ts)'],
  ['a sibling', { 'src/protocols/http/bad.ts': `import '../redis/server.ts';` }, 'src/protocols/http/bad.ts:1: protocols/http may not import its sibling protocols/redis'],
  ['a sibling of the shared one', { 'src/protocols/net/bad.ts': `import '../redis/server.ts';` }, 'src/protocols/net/bad.ts:1: protocols/net may not import its sibling protocols/redis'],
  ['the wire from outside', { 'src/server/bad.ts': `import '../engine/wire/connection.ts';` }, 'src/server/bad.ts:1: only engine may import engine/wire (engine/wire/connection.ts)'],
  ['a facet past its index', { 'src/server/bad.ts': `import '../facets/keyvalue/keys.ts';` }, 'src/server/bad.ts:1: facets/keyvalue is imported through its index.ts only (facets/keyvalue/keys.ts)'],
  ['the public door from inside', { 'src/cli/bad.ts': `import '../index.ts';` }, 'src/cli/bad.ts:1: nothing in src/ imports index.ts'],
  ['a new folder', { 'src/extras/bad.ts': `import '../kernel/log.ts';` }, 'src/extras/bad.ts:1: extras is no layer; the layers are kernel, values, engine, access, facets, protocols, services, server, database, cli'],
  ['a way out of src/', { 'src/server/bad.ts': `import '../../test/support/server.ts';` }, 'src/server/bad.ts:1: test/support/server.ts is outside of src/'],
  ['a package of development', { 'src/server/bad.ts': `import pg from 'pg';` }, `src/server/bad.ts:1: 'pg' is not among the dependencies in package.json`],
  ['a name that says nothing', { 'src/server/utils.ts': '' }, `src/server/utils.ts: 'utils' says nothing of what is in it`],
  ['a folder that says nothing', { 'test/helpers/wait.ts': '' }, `test/helpers/wait.ts: 'helpers' says nothing of what is in it`],
  ['a name in another case', { 'tools/runTests.ts': '' }, `tools/runTests.ts: 'runTests' is not in kebab-case`],
  ['a circle', { 'src/engine/a.ts': `import './b.ts';`, 'src/engine/b.ts': `import './pool.ts';\nimport './c.ts';`, 'src/engine/c.ts': `import './a.ts';` }, 'src/engine/a.ts, src/engine/b.ts, src/engine/c.ts: they import each other in a circle'],
  ['a file too long', { 'src/server/long.ts': '\n'.repeat(701) }, 'src/server/long.ts: 701 lines, more than 700: look for the seam'],
];

test('a sound tree passes', () => {
  assert.deepEqual(checkTree(treeOf(sound)), []);
});

for (const [what, files, complaint] of violations) {
  test(`found: ${what}`, () => {
    assert.deepEqual(checkTree(treeOf({ ...sound, ...files })), [complaint]);
  });
}

test('imports are read in every form, and comments are not', () => {
  const source = `
    import './a.ts';
    import b, { type B } from "./b.ts";
    import * as c from './c.ts'; export * from './d.ts';
    import {
      e,
    } from './e.ts';
    export type { F } from './f.ts';
    const text = 'x'; // import './no.ts'
    /** import { x } from './no.ts'; */
    export const from = 'no';
    const g = () => import('./g.ts');
    const h = require( "./h.ts" );
  `;
  const imports = importsOf(source);
  const specifiers = imports.map(({ specifier }) => specifier);
  assert.deepEqual(specifiers, ['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts', './g.ts', './h.ts']);
  assert.deepEqual(imports.filter(({ isType }) => isType).map(({ specifier }) => specifier), ['./f.ts']);
});

function treeOf(files: Record<string, string>): string {
  const root = temporaryFolder();
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
  return root;
}

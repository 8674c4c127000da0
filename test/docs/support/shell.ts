// The `sh` blocks: run by bash in the project's folder, ended by the first command that fails; what one exports the next ones have. `facetdb` (also by `npx`) is the
// built one, `curl` fails when HTTP does, and clients that are not installed do nothing.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { pathWithMongosh } from '../../support/mongosh.ts';
import { root } from './project-folder.ts';

const run = promisify(execFile);
const timeoutMs = 30_000;

const prelude = `set -euo pipefail
facetdb() { '${process.execPath}' '${join(root, 'dist/main.js')}' "$@"; }
npx() { "$@"; }
curl() { command curl --silent --show-error --fail-with-body "$@"; }
for tool in psql redis-cli mongosh curl; do type -P "$tool" >/dev/null || eval "$tool() { :; }"; done
# redis-cli tells of errors, but its exit code does not.
if type -P redis-cli >/dev/null; then redis-cli() { command redis-cli -e "$@"; }; fi
if [ -f exported ]; then . ./exported; fi
`;

export async function runShell(text: string, folder: string): Promise<void> {
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FACETDB_')));
  const child = run('bash', ['-c', `${prelude}${text}\nexport -p > exported`], { cwd: folder, env: { ...environment, PATH: pathWithMongosh }, timeout: timeoutMs });
  child.child.stdin?.end();
  await child;
}

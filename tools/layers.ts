// npm run layers: holds the source tree against the architecture's rules (tools/layers/rules.ts) and lists every violation.
// Exit code 1 when there is one.

import { fileURLToPath } from 'node:url';
import { checkTree } from './layers/check-tree.ts';

const violations = checkTree(fileURLToPath(new URL('..', import.meta.url)));
for (const violation of violations) console.error(violation);
console.log(violations.length === 0 ? 'Layers: every import follows the arrows' : `Layers: ${violations.length} violations`);
process.exitCode = violations.length === 0 ? 0 : 1;

// node --import tsx tools/generate-docs.ts [--check]: writes the pages of docs/ that are made from the code, or tells
// (exit code 1) which of them are no longer what the code says.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedPages } from './docs/generated-pages.ts';

const onlyCheck = process.argv.includes('--check');
for (const { file, text } of generatedPages()) {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  if (!onlyCheck) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } else if (readFileSync(path, 'utf8') !== text) {
    console.error(`${file} is not current: run node --import tsx tools/generate-docs.ts`);
    process.exitCode = 1;
  }
}

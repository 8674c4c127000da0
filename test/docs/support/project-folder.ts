// A folder in which programs find what an installation of FacetDB and of drivers would give them, without a network.

import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Links the installed packages of whom `wanted` says yes. Packages of a scope are asked for as `@scope/name`. */
export function linkPackages(folder: string, wanted: (name: string) => boolean = () => true): void {
  const [from, to] = [join(root, 'node_modules'), join(folder, 'node_modules')];
  mkdirSync(to, { recursive: true });
  const names = readdirSync(from).filter((name) => !name.startsWith('.')).flatMap((name) => (name.startsWith('@') ? readdirSync(join(from, name)).map((own) => `${name}/${own}`) : [name]));
  for (const name of names.filter((each) => wanted(each))) {
    mkdirSync(join(to, name, '..'), { recursive: true });
    symlinkSync(join(from, name), join(to, name), 'dir');
  }
}

/** FacetDB as it was built. */
export function linkFacetDB(folder: string): void {
  symlinkSync(root, join(folder, 'node_modules/facetdb'), 'dir');
}

export function writePackageJson(folder: string): void {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'example', private: true, type: 'module' }));
}

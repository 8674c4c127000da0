// The check of a source tree: imports against the layers' arrows, circles, names, lengths. The rules are in rules.ts.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { circlesOf } from './circles.ts';
import { importsOf } from './imports-of.ts';
import { entries, forbiddenNames, layers, layersOfSiblings, layersWithIndex, longestFileLines, privateFolders, sharedSiblings, sourceFolders } from './rules.ts';

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** The violations in the tree whose package.json is in `root`, one line each: `file:line: what`. */
export function checkTree(root: string): string[] {
  const files = sourceFolders.flatMap((folder) => filesUnder(root, folder));
  const imports = new Map<string, readonly string[]>();
  const violations = files.flatMap((file) => {
    const source = readFileSync(join(root, file), 'utf8');
    if (file.startsWith('src/')) imports.set(file, loadedBy(file, source));
    return [...nameViolations(file), ...lengthViolations(file, source), ...(file.startsWith('src/') ? importViolations(root, file, source) : [])];
  });
  return [...violations, ...circlesOf(imports).map((circle) => `${circle.join(', ')}: they import each other in a circle`)];
}

/** The files that are loaded with this one. What of them are types only may refer to each other. */
function loadedBy(file: string, source: string): string[] {
  return importsOf(source).flatMap(({ specifier, isType }) => (specifier?.startsWith('.') === true && !isType ? [posix.join(posix.dirname(file), specifier)] : []));
}

function filesUnder(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
    .filter((file) => /\.[cm]?[jt]sx?$/.test(file) && !file.includes('node_modules/'))
    .toSorted();
}

function nameViolations(file: string): string[] {
  const names = file.split('/').map((part) => part.replace(/(\.test|\.d)?\.[cm]?[jt]sx?$/, ''));
  return names.flatMap((name) => [
    ...(kebabCase.test(name) ? [] : [`${file}: '${name}' is not in kebab-case`]),
    ...(forbiddenNames.includes(name) ? [`${file}: '${name}' says nothing of what is in it`] : []),
  ]);
}

function lengthViolations(file: string, source: string): string[] {
  const lines = source.split('\n').length - 1;
  return lines > longestFileLines ? [`${file}: ${lines} lines, more than ${longestFileLines}: look for the seam`] : [];
}

function importViolations(root: string, file: string, source: string): string[] {
  const packages = allowedPackages(root, file);
  return importsOf(source).flatMap(({ specifier, line }) => {
    const complaint = specifier === undefined ? 'a computed import cannot be checked' : complaintAbout(file, specifier, packages);
    return complaint === undefined ? [] : [`${file}:${line}: ${complaint}`];
  });
}

/** Names of packages that this file may import: those installed with FacetDB, for tests also those for its development. */
function allowedPackages(root: string, file: string): ReadonlySet<string> {
  type Manifest = Partial<Record<'dependencies' | 'optionalDependencies' | 'devDependencies', Record<string, string>>>;
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const forTests = file.endsWith('.test.ts') ? devDependencies : {};
  return new Set(Object.keys({ ...dependencies, ...optionalDependencies, ...forTests }));
}

function complaintAbout(file: string, specifier: string, packages: ReadonlySet<string>): string | undefined {
  if (specifier.startsWith('node:')) return undefined;
  if (!specifier.startsWith('.')) {
    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
    return packages.has(name) ? undefined : `'${name}' is not among the dependencies in package.json`;
  }
  const target = posix.join(posix.dirname(file), specifier);
  if (!target.startsWith('src/')) return `${target} is outside of src/`;
  return arrowComplaint(placeOf(file), placeOf(target));
}

type Place = {
  readonly path: string;
  /** The folder of src/, or the file's own name where it stands in src/ itself. */
  readonly layer: string;
  /** The folder within the layer: `protocols/redis`. */
  readonly sibling: string;
};

function placeOf(file: string): Place {
  const path = file.slice('src/'.length);
  const parts = path.split('/');
  return { path, layer: parts[0] ?? '', sibling: parts.slice(0, 2).join('/') };
}

function arrowComplaint(from: Place, to: Place): string | undefined {
  if (to.path === to.layer) return `nothing in src/ imports ${to.path}`;
  const allowed = layers[from.layer] ?? entries[from.layer];
  if (allowed === undefined) return `${from.layer} is no layer; the layers are ${Object.keys(layers).join(', ')}`;
  if (from.layer === to.layer) {
    if (!layersOfSiblings.includes(from.layer) || from.sibling === to.sibling || sharedSiblings.includes(to.sibling)) return undefined;
    return `${from.sibling} may not import its sibling ${to.sibling}`;
  }
  if (!allowed.includes(to.layer)) return `${from.layer} may not import ${to.layer} (${to.path})`;
  if (privateFolders.includes(to.sibling)) return `only ${to.layer} may import ${to.sibling} (${to.path})`;
  if (layersWithIndex.includes(to.layer) && basename(to.path) !== 'index.ts') return `${to.sibling} is imported through its index.ts only (${to.path})`;
  return undefined;
}

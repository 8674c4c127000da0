// The architecture as data: which layer may import which, and how the tree is named. ARCHITECTURE.md says why.

/** A folder of src/ → the folders it may import from, itself aside. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  values: ['kernel'],
  engine: ['kernel', 'values'],
  access: ['kernel', 'engine'],
  facets: ['kernel', 'values', 'engine', 'access'],
  protocols: ['kernel', 'values', 'access', 'facets'],
  services: ['kernel', 'values', 'engine', 'access', 'facets'],
  server: ['kernel', 'values', 'engine', 'access', 'facets', 'protocols', 'services'],
  database: ['kernel', 'values', 'access', 'facets', 'protocols', 'server'],
  cli: ['kernel', 'server'],
};

/** The files that stand in src/ itself; nothing imports them. */
export const entries: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['kernel', 'cli'],
  'index.ts': ['kernel', 'server', 'database'],
};

/** Layers whose folders do not import each other; what two of them need moves down. */
export const layersOfSiblings: readonly string[] = ['facets', 'protocols', 'services'];

/** The one sibling that the others of its layer may import. */
export const sharedSiblings: readonly string[] = ['protocols/net'];

/** Folders that only the layer they are part of may import. */
export const privateFolders: readonly string[] = ['engine/wire'];

/** Layers whose folders are imported from outside through their index.ts only. */
export const layersWithIndex: readonly string[] = ['facets'];

/** The folders whose files follow the rules of names and length. */
export const sourceFolders: readonly string[] = ['src', 'test', 'tools', 'bench', 'examples'];

export const forbiddenNames: readonly string[] = ['util', 'utils', 'helper', 'helpers', 'common', 'misc'];

export const longestFileLines = 700;

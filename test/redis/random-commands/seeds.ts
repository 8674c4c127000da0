// Which seeds a run tries: a few that are always the same, or those that FACETDB_RANDOM_SEEDS names (`FIRST..LAST`).

const always = { first: 1, last: 4 };

export function seedsToTry(): readonly number[] {
  const [, first, last] = /^(\d+)\.\.(\d+)$/u.exec(process.env['FACETDB_RANDOM_SEEDS'] ?? '') ?? [undefined, always.first, always.last];
  return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index);
}

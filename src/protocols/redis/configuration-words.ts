// Reads pieces of configuration values: words and sizes.

const memoryUnits: Readonly<Record<string, bigint>> = {
  '': 1n, b: 1n, k: 1000n, kb: 1024n, m: 1000n ** 2n, mb: 1024n ** 2n, g: 1000n ** 3n, gb: 1024n ** 3n,
};

/** Bytes, with a unit as `redis.conf` has them (`1k` is 1000, `1kb` is 1024). */
export function parseMemory(value: string): bigint | undefined {
  const match = /^(-?\d{1,18})([a-z]*)$/iu.exec(value);
  const unit = memoryUnits[match?.[2]?.toLowerCase() ?? ''];
  return match === null || unit === undefined ? undefined : BigInt(match[1]!) * unit;
}

export function wordsOf(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== '');
}

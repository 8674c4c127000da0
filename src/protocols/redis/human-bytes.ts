// Sizes as INFO shows them to people: Redis's `bytesToHuman`.

const units = ['B', 'K', 'M', 'G', 'T', 'P'];

/** `1.02M`, `512B`. */
export function humanBytes(bytes: number): string {
  let unit = 0;
  while (unit < units.length - 1 && bytes >= 1024 ** (unit + 1)) unit += 1;
  return unit === 0 ? `${bytes}B` : `${(bytes / 1024 ** unit).toFixed(2)}${units[unit]}`;
}

// JSON merge patch (RFC 7396) on documents in Extended JSON: an object that stands for a value of a type (`{"$date": …}`) is one
// value, and is replaced as a whole.

export function mergeDocument(target: unknown, patch: unknown): unknown {
  if (!isObject(patch) || isTyped(patch)) return patch;
  const merged = new Map<string, unknown>(isObject(target) && !isTyped(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergeDocument(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTyped(value: object): boolean {
  return Object.keys(value)[0]?.startsWith('$') === true;
}

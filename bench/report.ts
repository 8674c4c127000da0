// What every benchmark prints: the machine and versions, and medians.

import { cpus, totalmem } from 'node:os';

/** `2 × CPU model, 24 GB, Node.js v20.20.2, PostgreSQL 18.4`. */
export function machineLine(serverVersion?: number): string {
  const processors = cpus();
  const parts = [`${processors.length} × ${processors[0]?.model.trim()}`, `${Math.round(totalmem() / 2 ** 30)} GB`, `Node.js ${process.version}`];
  if (serverVersion !== undefined) parts.push(`PostgreSQL ${Math.floor(serverVersion / 10_000)}.${serverVersion % 10_000}`);
  return parts.join(', ');
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

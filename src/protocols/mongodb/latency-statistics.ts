// `latencyStats` of the stage $collStats: how long reads and writes of a collection took in this gateway since it was started.

import type { Document, Value } from '../../values/bson/types.ts';
import type { LatencyHistogram } from './latency-histogram.ts';
import type { NamespaceRecord, Times } from './namespace-times.ts';

const nothing: Times = { count: 0, micros: 0 };

export function latencyStatistics(known: NamespaceRecord | undefined, withHistograms: boolean): Document {
  const entry = ({ count, micros }: Times = nothing, histogram: LatencyHistogram | undefined): Document => new Map<string, Value>([
    ...(withHistograms ? [['histogram', bucketsOf(histogram)] as const] : []),
    ['latency', BigInt(Math.round(micros))], ['ops', BigInt(count)], ['queryableEncryptionLatencyMicros', 0n],
  ]);
  // Other commands on a collection are not timed, and transactions in none.
  return new Map([
    ['reads', entry(known?.totals.readLock, known?.reads)], ['writes', entry(known?.totals.writeLock, known?.writes)],
    ['commands', entry(nothing, undefined)], ['transactions', entry(nothing, undefined)],
  ]);
}

function bucketsOf(histogram: LatencyHistogram | undefined): Value[] {
  return [...(histogram?.entries() ?? [])].map(({ micros, count }) => new Map<string, Value>([['micros', BigInt(micros)], ['count', BigInt(count)]]));
}

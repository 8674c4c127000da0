// What a blocking stage holds, in approximate bytes of BSON. Beyond the limit it goes on on disk, or is refused.

import { Binary, CodeWithScope, Decimal128, ObjectId } from '../../../values/bson/types.ts';
import type { Document, Maybe } from '../../../values/bson/types.ts';
import { DocumentError } from '../errors.ts';
import type { PipelineEnvironment } from './stage.ts';

export const defaultMemoryLimitBytes = 100 * 1024 * 1024;

/** A stage's or accumulator's account. `add` throws DocumentError when the limit is passed. */
export type MemoryAccount = { add(bytes: number): void };

type SpillingStage = '$group' | '$sort';

/** Of a stage that spills. `add` tells whether what it holds is within the limit. */
export type SpillingAccount = { readonly isWithin: boolean; add(bytes: number): boolean; clear(): void };

/**
 * Where the command does not allow the use of disks, or the stage has spilled as often as it can, `add` throws DocumentError
 * QueryExceededMemoryLimitNoDiskUseAllowed (292).
 */
export function newSpillingAccount(stage: SpillingStage, environment: PipelineEnvironment): SpillingAccount {
  const { memoryLimitBytes = defaultMemoryLimitBytes, newSpill } = environment;
  let used = 0;
  return {
    get isWithin() {
      return used <= memoryLimitBytes;
    },
    add(bytes) {
      used += bytes;
      if (used > memoryLimitBytes && newSpill === undefined) throw refusalOf(stage, memoryLimitBytes);
      return used <= memoryLimitBytes;
    },
    clear() {
      used = 0;
    },
  };
}

function refusalOf(stage: SpillingStage, limitBytes: number): DocumentError {
  const text =
    stage === '$sort'
      ? `Sort exceeded memory limit of ${limitBytes} bytes, but did not opt in to external sorting.`
      : `Exceeded memory limit for ${stage}, but didn't allow external spilling; pass allowDiskUse:true to opt in`;
  return new DocumentError('QueryExceededMemoryLimitNoDiskUseAllowed', text);
}

/** Of an accumulator, whose own state cannot be spilled: ExceededMemoryLimit (146). What is added is told to `onBytes` too. */
export function newAccumulatorAccount(operator: string, onBytes: (bytes: number) => void = () => undefined): MemoryAccount {
  const limitBytes = defaultMemoryLimitBytes;
  const account = newAccount(
    limitBytes,
    (used) => new DocumentError('ExceededMemoryLimit', `${operator} used too much memory and cannot spill to disk. Used: ${used} bytes. Memory limit: ${limitBytes} bytes`),
  );
  return {
    add(bytes) {
      account.add(bytes);
      onBytes(bytes);
    },
  };
}

/** `refusal` makes the error of so many bytes in use. */
export function newAccount(limitBytes: number, refusal: (used: number) => DocumentError): MemoryAccount {
  let used = 0;
  return {
    add(bytes) {
      used += bytes;
      if (used > limitBytes) throw refusal(used);
    },
  };
}

export function approximateSizeOfDocument(document: Document): number {
  let size = 8;
  for (const [name, value] of document) size += name.length + 4 + approximateSizeOf(value);
  return size;
}

export function approximateSizeOf(value: Maybe): number {
  if (typeof value === 'string') return value.length + 8;
  if (typeof value !== 'object' || value === null) return 8;
  if (value instanceof Map) return approximateSizeOfDocument(value);
  if (Array.isArray(value)) {
    let size = 8;
    for (const element of value) size += 4 + approximateSizeOf(element);
    return size;
  }
  if (value instanceof ObjectId) return 12;
  if (value instanceof Decimal128) return 16;
  if (value instanceof Binary) return value.bytes.length + 8;
  if (value instanceof CodeWithScope) return value.code.length + approximateSizeOfDocument(value.scope);
  return 16;
}

// Whose a cursor is that a command opens.

import type { CommandContext } from './command.ts';
import type { CursorOwner } from './cursors.ts';

export function ownerOf({ operation, session, txnNumber, abort }: CommandContext, namespace: string, { hasTimeout = true, awaitsData = false, batchSize }: { readonly hasTimeout?: boolean; readonly awaitsData?: boolean; readonly batchSize?: number | undefined } = {}): CursorOwner {
  return {
    namespace,
    role: operation.role,
    session: session?.name,
    txnNumber: operation.transaction === undefined ? undefined : txnNumber,
    abort,
    hasTimeout,
    awaitsData,
    batchSize,
  };
}

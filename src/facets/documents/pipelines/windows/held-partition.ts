// One partition of $setWindowFields: its documents, on disk where memory does not hold them, and what the window functions
// read of each.

import type { Document, Maybe } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import type { Scope } from '../../expressions/expression.ts';
import { valueAtPath } from '../../expressions/paths.ts';
import { assertRunning, batchesOf } from '../batches.ts';
import { approximateSizeOf, approximateSizeOfDocument, defaultMemoryLimitBytes } from '../memory.ts';
import type { Batches, PipelineEnvironment, Spill } from '../stage.ts';
import type { Partition, WindowFunction } from './window-function.ts';

/** An input that could not be evaluated: it matters only to a window that the document is in. */
class Failure {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

export type HeldFunctions = {
  readonly functions: readonly WindowFunction[];
  /** The single field that documents are sorted by. */
  readonly position: readonly string[] | undefined;
};

export class HeldPartition {
  private readonly held: HeldFunctions;
  private readonly environment: PipelineEnvironment;
  private readonly inputs: readonly (Maybe | Failure)[][];
  private readonly positions: Maybe[] = [];
  private documents: Document[] = [];
  private documentBytes = 0;
  private valueBytes = 0;
  private count = 0;
  private spill: Spill | undefined;

  constructor(held: HeldFunctions, environment: PipelineEnvironment) {
    this.held = held;
    this.environment = environment;
    this.inputs = held.functions.map(() => []);
  }

  /** `flush` has to be called before many documents are added. Throws DocumentError 5414201. */
  add(document: Document): void {
    const { functions, position } = this.held;
    this.documents.push(document);
    this.documentBytes += approximateSizeOfDocument(document);
    this.count += 1;
    if (position !== undefined) this.positions.push(valueAtPath(document, position));
    const scope = this.environment.scopeFor(document);
    for (const [at, { input }] of functions.entries()) {
      if (input === undefined) continue;
      const value = attempt(() => input(scope));
      this.valueBytes += value instanceof Failure ? 0 : approximateSizeOf(value);
      this.inputs[at]!.push(value);
    }
    // DIFFERS: MongoDB holds the values of those documents only that some window still reaches.
    if (this.valueBytes <= this.limit) return;
    throw new DocumentError(5_414_201, `Exceeded memory limit in DocumentSourceSetWindowFields, used ${this.valueBytes} bytes but max allowed is ${this.limit}`);
  }

  /** Throws DocumentError 5643011 where the disk may not be used. */
  async flush(): Promise<void> {
    if (this.documentBytes <= this.limit) return;
    const { newSpill } = this.environment;
    if (newSpill === undefined) throw new DocumentError(5_643_011, "Exceeded max memory. Set 'allowDiskUse: true' to spill to disk");
    this.spill ??= newSpill();
    await this.spill.write(0, this.documents);
    this.documents = [];
    this.documentBytes = 0;
  }

  /** Each document as `finish` makes it of the functions' values for it. */
  async *results(finish: (document: Document, values: readonly Maybe[]) => Document): Batches {
    const values = this.held.functions.map(({ results }, at) => results(this.partitionOf(at))[Symbol.iterator]());
    for await (const batch of this.all()) {
      assertRunning(this.environment);
      yield batch.map((document) => finish(document, values.map((each): Maybe => each.next().value as Maybe)));
    }
  }

  async close(): Promise<void> {
    await this.spill?.close();
  }

  private get limit(): number {
    return this.environment.memoryLimitBytes ?? defaultMemoryLimitBytes;
  }

  private async *all(): Batches {
    if (this.spill !== undefined) yield* this.spill.read(0);
    yield* batchesOf(this.documents);
  }

  private partitionOf(at: number): Partition {
    const inputs = this.inputs[at]!;
    const scope: Scope = this.environment.scopeFor(new Map());
    return {
      count: this.count,
      inputAt(index) {
        const value = inputs[index];
        if (value instanceof Failure) throw value.reason;
        return value;
      },
      positions: this.positions,
      scope,
    };
  }
}

function attempt(evaluate: () => Maybe): Maybe | Failure {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof DocumentError) return new Failure(error);
    throw error;
  }
}

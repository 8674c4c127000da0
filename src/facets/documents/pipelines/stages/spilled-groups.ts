// The documents of $group's groups that did not fit in memory, on disk in parts: all documents of a group are in one.

import { createHash } from 'node:crypto';
import { hashKeyOf } from '../../../../values/bson/compare.ts';
import type { Document, Value } from '../../../../values/bson/types.ts';
import type { Batches, PipelineEnvironment, Spill } from '../stage.ts';

const partCount = 16;

/** How often what was put aside may be put aside again: by then a part has about a 65,536th of the documents. */
export const mostRounds = 4;

export class SpilledGroups {
  private readonly environment: PipelineEnvironment;
  private readonly round: number;
  private readonly waiting = Array.from({ length: partCount }, (): Document[] => []);
  private spill: Spill | undefined;

  constructor(environment: PipelineEnvironment, round: number) {
    this.environment = environment;
    this.round = round;
  }

  add(id: Value, document: Document): void {
    this.waiting[this.partOf(id)]!.push(document);
  }

  /** To be called before many documents wait. */
  async flush(): Promise<void> {
    for (const [part, documents] of this.waiting.entries()) {
      if (documents.length === 0) continue;
      this.spill ??= this.environment.newSpill!();
      await this.spill.write(part, documents.splice(0));
    }
  }

  get isUsed(): boolean {
    return this.spill !== undefined;
  }

  /** The documents of each part; none at all, if nothing was put aside. */
  parts(): readonly Batches[] {
    const { spill } = this;
    return spill === undefined ? [] : Array.from({ length: partCount }, (_, part) => spill.read(part));
  }

  async close(): Promise<void> {
    await this.spill?.close();
  }

  /** Each round looks at another part of the digest, as one part's documents agree in that of the round before. */
  partOf(id: Value): number {
    return createHash('sha256').update(hashKeyOf(id)).digest()[this.round]! % partCount;
  }
}

// What the catalog knows of an index.

import type { Document } from '../../../values/bson/types.ts';

export type IndexInfo = {
  readonly name: string;
  /** In PostgreSQL. */
  readonly relation: string;
  /** As `listIndexes` shows it. */
  readonly specification: Document;
};

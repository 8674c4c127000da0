// A find whose arguments have been read.

import type { CollectionQuery } from './collection-query.ts';
import type { CommandScope } from './command-scope.ts';
import type { Project } from './projector.ts';

/** A parsed `find`. */
export type ParsedFind = {
  readonly query: CollectionQuery;
  readonly scope: CommandScope;
  readonly project: Project | undefined;
};

// How a command says that it belongs to the open transaction of another connection, whatever that one's protocol: by its
// comment, which every driver lets every operation have.

import type { GenericValues } from './generic-fields.ts';

const prefix = 'facetdb:transaction=';

/** The token in `comment: 'facetdb:transaction=TOKEN'`. */
export function joinedToken({ comment }: Pick<GenericValues, 'comment'>): string | undefined {
  return typeof comment === 'string' && comment.startsWith(prefix) ? comment.slice(prefix.length) : undefined;
}

// What may stand in a filter, by where the filter stands: operators that need a text index, an order by distance, a
// script engine or the whole document. Source: MongoDB 7.0, AllowedFeatures in src/mongo/db/matcher/expression_parser.h.

import { DocumentError } from '../errors.ts';

type Feature = '$expr' | '$jsonSchema' | '$text' | '$where' | '$near';

const refused = {
  /** The filters of commands. */
  all: [],
  /** A pipeline's $match, if it stands first. */
  firstStage: ['$where', '$near'],
  laterStage: ['$where', '$near', '$text'],
  /** What restricts the search of $graphLookup. */
  search: ['$where', '$near', '$text'],
  /** Only fields and what they must be: in projections, array filters, partial indexes and in what `$pull` removes. */
  fields: ['$expr', '$jsonSchema', '$text', '$where', '$near'],
} as const satisfies Record<string, readonly Feature[]>;

export type FilterFeatures = keyof typeof refused;

/** Throws DocumentError: QueryFeatureNotAllowed, BadValue, 17313, 5626500 where the operator may not stand. */
export function assertFeature(feature: Feature, features: FilterFeatures): void {
  const names: readonly Feature[] = refused[features];
  if (names.includes(feature)) throw errorOf(feature, features);
}

function errorOf(feature: Feature, features: FilterFeatures): DocumentError {
  if (feature === '$near') {
    return new DocumentError(
      5_626_500,
      '$geoNear, $near, and $nearSphere are not allowed in this context, as these operators require sorting geospatial data. If you do not need sort, consider using $geoWithin instead.',
    );
  }
  if (feature === '$text' && features === 'laterStage') return new DocumentError(17313, '$match with $text is only allowed as the first pipeline stage');
  return new DocumentError(feature === '$text' || feature === '$where' ? 'BadValue' : 'QueryFeatureNotAllowed', `${feature} is not allowed in this context`);
}

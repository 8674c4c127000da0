// PostgreSQL's settings for connections whose every statement finds its rows by their keys, as those of groups do.

/** The planner cannot know how long a list of keys is that comes as a parameter; the indexes are always right. */
export const keyLookupParameters = {
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_bitmapscan: 'off',
  plan_cache_mode: 'force_generic_plan',
  jit: 'off',
} as const;

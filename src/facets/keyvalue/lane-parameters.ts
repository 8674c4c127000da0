// PostgreSQL's settings under which the statements of keys and values are planned.

/** The planner has no statistics of parameters; every statement here is meant to use an index. */
export const laneParameters = {
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_bitmapscan: 'off',
  plan_cache_mode: 'force_generic_plan',
  jit: 'off',
} as const;

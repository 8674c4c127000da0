// The named limits of measuring.

export const metricsLimits = {
  /** What is asked of PostgreSQL is asked at most so often, however often it is scraped. */
  statisticsLifetimeMs: 5_000,
  /** A scrape goes without PostgreSQL's part when that takes longer. */
  statisticsTimeoutMs: 2_000,
  /** Upper bounds of the latency histograms' buckets, in seconds. */
  latencySeconds: [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  /** Upper bounds of the group sizes' buckets, in requests. */
  groupSizes: [1, 2, 5, 10, 20, 50, 100, 200, 500],
} as const;

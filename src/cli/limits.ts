// The named limits of the command line.

export const cliLimits = {
  /** A password read from standard input beyond this is not one. */
  passwordInputBytes: 4_096,
  /** One Ctrl-C may arrive twice, from the terminal and passed on by npm: so soon after the first it is not a second one. */
  sameSignalMs: 200,
} as const;

// What has to be undone when the process ends, by itself or by a signal: the last thing begun is the first undone.

const undo: (() => void)[] = [];
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Registers something synchronous to do when this process ends. */
export function atExit(action: () => void): void {
  if (undo.length === 0) {
    process.once('exit', () => undo.toReversed().forEach((each) => each()));
    // A test file that reaches its time limit, for one, is ended by SIGTERM.
    for (const [signal, exitCode] of Object.entries(exitCodes)) process.once(signal, () => process.exit(exitCode));
  }
  undo.push(action);
}

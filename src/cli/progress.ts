// The steps of a longer work, for people who wait: moving on a terminal, plain lines elsewhere.

import ora from 'ora';
import type { Terminal } from './terminal.ts';

export type Progress = {
  step(text: string): void;
  /** Ends the last step, done or not. */
  end(outcome: 'done' | 'failed'): void;
};

/** Shows the steps of a longer work on standard error. */
export function showProgress(terminal: Terminal): Progress {
  const { stderr } = terminal;
  // A terminal that does not tell its width (a bare pseudo-terminal) cannot be drawn on either.
  const isDrawable = stderr.isTTY && stderr.columns > 0 && terminal.environment['TERM'] !== 'dumb';
  if (!isDrawable) {
    return { step: (text) => stderr.write(`${text} …\n`), end: () => {} };
  }
  // Ctrl-C must stay a signal, so standard input is left alone.
  const spinner = ora({ stream: stderr, discardStdin: false });
  return {
    step: (text) => {
      if (spinner.isSpinning) spinner.succeed();
      spinner.start(text);
    },
    end: (outcome) => {
      if (!spinner.isSpinning) return;
      if (outcome === 'done') spinner.succeed();
      else spinner.fail();
    },
  };
}

/** @file How much the command says, and whether it opens its report: `-q`, `-v` and `--open`, set once for the process. */

/** All off where nothing is asked for. */
export interface Manners {
  /** Results, warnings and errors only. */
  readonly quiet: boolean;
  /** Versions, options and where they come from, time and memory; of errors the stack, too. */
  readonly verbose: boolean;
  /** Reports are opened in the browser when they are written. */
  readonly open: boolean;
}

let current: Manners = { quiet: false, verbose: false, open: false };

export function manners(): Manners {
  return current;
}

/** Those that are absent are off. */
export function setManners(given: Partial<Manners>): void {
  current = { quiet: false, verbose: false, open: false, ...given };
}

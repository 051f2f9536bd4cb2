/** @file The searches that a studio shows, wherever they are kept. */

import type { Answers, EliteView, Parameters, RunStatus, RunView } from './protocol.ts';

export interface Runs {
  list(): Promise<readonly RunStatus[]>;
  /** @returns the id of the run */
  start(request: Parameters<'runs.start'>): Promise<string>;
  /** @throws InputError where there is no such run */
  open(run: string): Promise<RunView>;
  control(run: string, action: Parameters<'runs.control'>['action']): Promise<RunStatus>;
  pictures(run: string, classes: readonly number[], size: number): Promise<Answers['runs.pictures']['pictures']>;
  elite(run: string, label: number): Promise<EliteView>;
  /** Ends all that is under way. */
  dispose(): Promise<void>;
}

/** @file The trainings of generators that a studio shows, wherever they are kept. */

import type { Answers, TrainingStatus, TrainingView } from './protocol.ts';

/** The trainings of generators that a studio shows: folders that `pareidolia train gan` and `train vae` work on. */
export interface Trainings {
  /** Where each training stands. */
  list(): Promise<readonly TrainingStatus[]>;
  /**
   * All that a page needs to show a training.
   *
   * @throws InputError where there is no such training
   */
  open(training: string): Promise<TrainingView>;
  /**
   * The newest sheet of samples.
   *
   * @throws InputError where there is no such training, or no sheet yet
   */
  sheet(training: string): Promise<Answers['trainings.sheet']>;
  /**
   * The file of the generator that came of it, with its card.
   *
   * @throws InputError where there is no such training, or it has not ended yet
   */
  generator(training: string): Promise<{ readonly name: string; readonly bytes: Uint8Array; readonly card: unknown }>;
  /** Stops looking at the folders. */
  dispose(): Promise<void>;
}

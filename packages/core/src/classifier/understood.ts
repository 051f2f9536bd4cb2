/** @file What is understood without being told, gathered from the files that decide it; the README's table is made of this. */

import { RUNS } from './coupling.ts';
import { INPUT_FORMS } from './image-axes.ts';
import { INPUT_TYPES } from './input.ts';
import { PROTOCOLS } from './remote/protocols.ts';
import { DECISIONS } from './score-output.ts';
import { OUTPUT_KINDS } from './score-reading.ts';
import { SEPARATE } from './separate-network.ts';

/** One kind of thing that people bring. Both in plain words, in Markdown. */
export interface Understood {
  readonly what: string;
  /** What is done with it. */
  readonly how: string;
}

/** In the order of a table: what goes in, what comes out, how it is run. */
export const UNDERSTOOD: readonly Understood[] = [
  ...INPUT_FORMS,
  INPUT_TYPES,
  ...Object.values(OUTPUT_KINDS),
  DECISIONS,
  ...Object.values(RUNS),
  SEPARATE,
  {
    what: `services: ${PROTOCOLS.map(({ name }) => name).join(', ')}`,
    how: 'asked over HTTP with `--model https://...`; searches and black-box attacks work, gradients do not',
  },
];

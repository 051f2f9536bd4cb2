/** @file Words that say the preprocessing is wrong: one place writes them, another looks for them. */

/** How a trial's sentence begins where it found a clearly better preprocessing. */
export const PROBABLY_WRONG = 'The preprocessing in force is probably wrong';

/** @file The terms of the field that the pages explain where they stand, each in one list of plain sentences. */

/** What each term means. */
export const GLOSSARY = {
  elite:
    'The best image found so far for one class: of all that were tried, the one that the network is most certain belongs there.',
  CPPN: 'Compositional pattern-producing network: a small formula, a graph of functions such as sine and Gaussian, that gives each point of a picture its color. Small changes of it give symmetric and repeating patterns.',
  lineage:
    'The ancestors of an image, from the first random one to itself: each is a child of the one before, a little changed.',
  epsilon:
    'ε, how far an attack may go from the original. With L∞ it is the largest change of any value: ε = 8/255 moves each by 8 steps of 255 at most.',
} as const;

/** A term that {@link GLOSSARY} explains. */
export type GlossaryTerm = keyof typeof GLOSSARY;

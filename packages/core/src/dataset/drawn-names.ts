/** Names of the data sets that are drawn here. */
export const DRAWN_NAMES = ['digits', 'things'] as const;

/** Name of a data set that is drawn here. */
export type DrawnName = (typeof DRAWN_NAMES)[number];

/** The confidence from which a class counts as fooled. */
export const FOOLED = 0.99;

/** @file Errors as one sentence. */

/** Characters of a sentence; the longest paths have 4,096, but nobody reads them. */
const LONGEST = 1500;

/** The message of an error on one line; the middle of one that quotes something very long is left out. */
export function sentenceOf(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
  if (text.length <= LONGEST) return text;
  return `${text.slice(0, LONGEST / 2)} ... ${text.slice(-LONGEST / 2)}`;
}

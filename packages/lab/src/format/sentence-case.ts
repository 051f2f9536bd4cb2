/** @file Sentences that become parts of others. */

/** With a capital, as at the beginning of a sentence. */
export const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Without one, as behind a semicolon. */
export const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** Without its full stop. */
export const withoutStop = (sentence: string): string => sentence.replace(/\.$/, '');

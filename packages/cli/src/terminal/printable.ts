/** @file Text from strangers, such as names in a model, as it may be shown on a terminal. */

/**
 * What a terminal obeys instead of showing it: control characters (C0 without tab and line feed, DEL, C1, among them what begins
 * escape sequences), what turns the direction of writing (UAX #9), and line separators.
 */
const COMMANDS = /(?![\t\n])\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * Text in which nothing is left that a terminal would obey, save tabs and line feeds. Each such character is written out, like
 * `\u001b`; so JSON stays JSON, with the same values.
 */
export function printable(text: string): string {
  return text.replaceAll(COMMANDS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

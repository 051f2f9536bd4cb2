/** @file Text from models and files, made fit for outputs. */

/** What no output may hold: control characters, what turns the direction of text, and halves of surrogate pairs. */
const UNFIT = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;

/** On one line, without control characters, cut to so many characters. */
export function plainText(text: string, limit = Number.POSITIVE_INFINITY): string {
  const line = text
    .replace(/[\t\n\r]+/g, ' ')
    .replace(UNFIT, '\ufffd')
    .trim();
  if (line.length <= limit) return line;
  const characters = Array.from(line.slice(0, limit));
  if (/\p{Cs}/u.test(characters.at(-1) ?? '')) characters.pop();
  return `${characters
    .join('')
    .slice(0, limit - 1)
    .replace(UNFIT, '')}…`;
}

/** With a full stop, where it has no mark at its end yet. */
export function sentence(text: string): string {
  return /[.!?…:]$/.test(text) || text === '' ? text : `${text}.`;
}

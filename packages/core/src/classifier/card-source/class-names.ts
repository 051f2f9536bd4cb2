/** @file Names of classes out of lists and tables, and whether they fit a network. */

/** What an output is called that stands for no class. */
const BACKGROUND = /^(background|__background__|dummy|nothing|n\/a)$/i;

/** Classes of ImageNet, beside which networks of TensorFlow have one for the background. */
const IMAGENET_CLASSES = 1000;

/**
 * The names of lines, one each: as they are, or without a number (`0 cat`, `1: dog`) that counts them from 0 or 1, or a
 * WordNet number (`n01440764 tench`).
 *
 * @returns `undefined` where a line in between is empty, or there are fewer than two
 */
export function namesOfLines(text: string): string[] | undefined {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim());
  while (lines.at(-1) === '') lines.pop();
  if (lines.length < 2 || lines.includes('')) return undefined;
  return withoutNumbers(lines) ?? lines.map((line) => line.replace(/^n\d{8}[\s,]+(?=\S)/, ''));
}

/** The lines without their numbers; `undefined` where these do not count them. */
function withoutNumbers(lines: readonly string[]): string[] | undefined {
  const matches = lines.map((line) => /^(\d+)\s*[\s:,;]\s*(\S.*)$/.exec(line));
  const first = Number(matches[0]?.[1] ?? -1);
  if (first !== 0 && first !== 1) return undefined;
  return matches.every((match, index) => Number(match?.[1] ?? -1) === first + index)
    ? matches.map((match) => match![2]!)
    : undefined;
}

/**
 * The names of a table: a list; names by number (`{"0": "cat"}`), or pairs with a WordNet number (`{"0": ["n01440764", "tench"]}`);
 * or numbers by name (`{"cat": 0}`).
 *
 * @returns `undefined` where it is none of these, or a number is missing
 */
export function namesOfTable(value: unknown): string[] | undefined {
  if (Array.isArray(value)) return listed(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value);
  const names = new Array<unknown>(entries.length).fill(undefined);
  const byNumber = entries.every(([key]) => /^\d+$/.test(key));
  for (const [key, other] of entries) {
    const [index, name] = byNumber ? [Number(key), Array.isArray(other) ? other.at(-1) : other] : [other, key];
    if (typeof index !== 'number' || !(index in names)) return undefined;
    names[index] = name;
  }
  return listed(names);
}

function listed(names: readonly unknown[]): string[] | undefined {
  const isName = (name: unknown): name is string => typeof name === 'string' && name !== '';
  return names.length >= 2 && names.every(isName) ? [...names] : undefined;
}

/** Whether names only count (`LABEL_0`, `LABEL_1`, ...), as Hugging Face writes where nobody gave any. */
export function arePlaceholders(names: readonly string[]): boolean {
  return names.every((name, index) => name === `LABEL_${index}`);
}

/**
 * The names as they fit a network: a background before ImageNet's classes is added or left out.
 *
 * @param numClasses of the network
 * @returns `undefined` where there are more or fewer
 */
export function fittingNames(names: readonly string[], numClasses: number): readonly string[] | undefined {
  if (names.length === numClasses) return names;
  if (names.length === IMAGENET_CLASSES && numClasses === IMAGENET_CLASSES + 1) return ['background', ...names];
  if (names.length === numClasses + 1 && BACKGROUND.test(names[0]!)) return names.slice(1);
  return undefined;
}

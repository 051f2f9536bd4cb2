import type { ImageShape } from '../image/images.ts';
import type { Random } from '../random/random.ts';
import { readsLetters } from './letters.ts';
import { type GarbageSource, paintEach } from './source.ts';
import { SIGNS } from './strokes.ts';
import { drawInk, inkLines } from './writing.ts';

/** Classes whose pictures are full of letters. */
const WRITTEN =
  /\b(text|documents?|menu|crossword|book jacket|web ?site|comic book|newspaper|handwriting|forms?|invoices?|receipts?|letters?)\b/i;

const LETTERS = Object.keys(SIGNS).filter((name) => name.length === 1);

/** Letters are at least so high, in pixels. */
const LEAST_HEIGHT = 5;

/**
 * Lines of small capital letters, by chance and without digits, from edge to edge. No garbage to networks for letters, nor to
 * those with a class of written things, as ImageNet's `menu` and `web site`.
 */
export const text: GarbageSource = {
  name: 'text',
  title: 'text',
  summary: 'lines of small letters by chance, without digits',
  kind: 'drawn',
  shows: (classNames) => readsLetters(classNames) || classNames.some((name) => WRITTEN.test(name)),
  make: (shape, count, random) =>
    paintEach(shape, count, (image) => {
      const height = Math.max(LEAST_HEIGHT, (Math.min(shape.height, shape.width) / 16) * 4 ** random.uniform());
      const radius = Math.max(0.4, height * (0.05 + 0.04 * random.uniform()));
      inkLines(image, shape, setType(shape, height, random), radius, drawInk(shape, random));
    }),
};

/** The strokes of all letters; one place in six is a space. */
function setType(shape: ImageShape, height: number, random: Random): readonly Float64Array[] {
  const lines: Float64Array[] = [];
  const [width, advance, leading] = [0.7 * height, 0.95 * height, 1.6 * height];
  for (let top = 0.3 * height; top + height <= shape.height; top += leading) {
    for (let left = 0.3 * height; left + width <= shape.width; left += advance) {
      if (random.integer(6) === 0) continue;
      for (const path of SIGNS[LETTERS[random.integer(LETTERS.length)]!]!) {
        lines.push(Float64Array.from(path, (value, i) => (i % 2 === 0 ? left + width * value : top + height * value)));
      }
    }
  }
  return lines;
}

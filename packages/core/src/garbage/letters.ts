import { type GarbageSource, paintEach } from './source.ts';
import { SIGNS } from './strokes.ts';
import { drawInk, inkLines } from './writing.ts';

const NAMES = Object.keys(SIGNS);

/** Classes that are single letters make a network for letters. */
const LEAST_LETTERS = 5;

/** Whether a network is one for letters. */
export function readsLetters(classNames: readonly string[]): boolean {
  return classNames.filter((name) => /^\p{L}$/u.test(name.trim())).length >= LEAST_LETTERS;
}

/**
 * One capital letter or sign, drawn by a pen, turned a little, at 50 to 90 % of the shorter side. They show something, but no
 * object of a photograph and no digit: letters that are like digits are left out. To a network for letters they are no garbage.
 */
export const letters: GarbageSource = {
  name: 'letters',
  title: 'letters and signs',
  summary: 'one letter or sign that is no digit, drawn by a pen',
  kind: 'drawn',
  shows: readsLetters,
  make: (shape, count, random) => {
    const shorter = Math.min(shape.height, shape.width);
    return paintEach(shape, count, (image) => {
      const size = shorter * (0.5 + 0.4 * random.uniform());
      const angle = 0.15 * random.normal();
      const [cos, sin] = [size * Math.cos(angle), size * Math.sin(angle)];
      const stretch = 0.6 + 0.4 * random.uniform();
      const left = shape.width / 2 + 0.03 * shorter * random.normal();
      const top = shape.height / 2 + 0.03 * shorter * random.normal();
      const lines = SIGNS[NAMES[random.integer(NAMES.length)]!]!.map((path) =>
        Float64Array.from(path, (value, i) => {
          const x = stretch * ((i % 2 === 0 ? value : path[i - 1]!) - 0.5);
          const y = (i % 2 === 0 ? path[i + 1]! : value) - 0.5;
          return i % 2 === 0 ? left + cos * x - sin * y : top + sin * x + cos * y;
        }),
      );
      const radius = Math.max(0.6, size * (0.03 + 0.05 * random.uniform()));
      inkLines(image, shape, lines, radius, drawInk(shape, random));
    });
  },
};

import { type GarbageSource, paintEach } from './source.ts';
import { drawPeriod, drawTwoColors, paintTwoColors } from './two-colors.ts';

/** Chessboards in two colors: size of the fields (1 pixel to a quarter of the shorter side), place and colors by chance. */
export const checkers: GarbageSource = {
  name: 'checkers',
  title: 'chessboards',
  summary: 'chessboards of two colors; size of the fields, place and colors by chance',
  kind: 'pattern',
  make: (shape, count, random) =>
    paintEach(shape, count, (image) => {
      const side = drawPeriod(shape, random) / 2;
      const [left, top] = [2 * random.uniform(), 2 * random.uniform()];
      paintTwoColors(image, shape, drawTwoColors(shape, random), (x, y) => {
        const field = Math.floor(x / side + left) + Math.floor(y / side + top);
        return field % 2 === 1;
      });
    }),
};

import { type GarbageSource, paintEach } from './source.ts';
import { drawPeriod, drawTwoColors, paintTwoColors } from './two-colors.ts';

/** Stripes of equal width in two colors: period (2 pixels to half of the shorter side), angle, phase and colors by chance. */
export const stripes: GarbageSource = {
  name: 'stripes',
  title: 'stripes',
  summary: 'stripes of two colors; period, angle, phase and colors by chance',
  kind: 'pattern',
  make: (shape, count, random) =>
    paintEach(shape, count, (image) => {
      const period = drawPeriod(shape, random);
      const angle = Math.PI * random.uniform();
      const [dx, dy] = [Math.cos(angle) / period, Math.sin(angle) / period];
      const phase = random.uniform();
      paintTwoColors(image, shape, drawTwoColors(shape, random), (x, y) => {
        const at = x * dx + y * dy + phase;
        return at - Math.floor(at) >= 0.5;
      });
    }),
};

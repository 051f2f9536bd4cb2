import { Random } from '../random/random.ts';
import type { Detector } from './detector.ts';
import { layerNodes, layerOf } from './graph-parts.ts';
import { logSumExp, logSumExpNodes } from './log-sum-exp.ts';
import { featuresOf } from './statistics/class-gaussians.ts';
import { percentile } from './statistics/percentile.ts';
import { Reservoir } from './statistics/reservoir.ts';

/** Of all features of the real images. */
const PERCENT = 90;

/** Numbers that the percentile is taken of at most. */
const MOST_NUMBERS = 2 ** 22;

const STREAM = 0x726561;

/** The energy after the penultimate features were clipped at the 90th percentile of those of the real images (Sun, Guo and Li 2021). */
export const react: Detector = {
  name: 'react',
  title: 'ReAct',
  paper: 'Sun et al. 2021',
  needs: 'features',
  needsLayer: true,
  isShiftInvariant: false,
  isOfSoftmax: true,
  async fit(source) {
    const { width } = source;
    const layer = source.layer!;
    const reservoir = new Reservoir(width, Math.ceil(MOST_NUMBERS / width), Random.stream(source.seed, STREAM));
    for await (const batch of source.batches()) {
      for (let row = 0; row < batch.count; row++) reservoir.add(featuresOf(batch, width, row));
    }
    // In single precision, as it stands in the graph.
    const most = Math.fround(percentile(reservoir.rows, PERCENT));
    const { count, offered } = reservoir;
    return {
      name: 'react',
      remarks: offered > count ? [`the percentile is that of ${count} of ${offered} images, a sample`] : [],
      parameters: { percentile: PERCENT, most },
      score: ({ features }) =>
        logSumExp(
          layerOf(
            layer,
            features.map((feature) => Math.min(feature, most)),
          ),
        ),
      graph: (b, { features }) => logSumExpNodes(b, layerNodes(b, layer, b.op('Min', [features, b.scalar(most)]))),
    };
  },
};

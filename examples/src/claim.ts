/** @file A claim of one's own: networks are certain about images of a single grey. */

import type { Claim } from '@pareidolia/lab';

const LEVELS = 256;

export const singleGrey: Claim = {
  name: 'single-grey',
  title: 'Images of a single grey',
  claim: 'A network is certain about images that hold nothing at all.',
  published: 'no figure; this is an example',
  source: 'none',
  async run(bench) {
    const network = await bench.network('digits');
    if (network === undefined) return { skipped: 'The embedded network is missing.' };
    const { shape } = network;
    // What takes long belongs into a unit: it is done once, and read when the experiment is run again.
    const confidences = await bench.unit('confidences', async () => {
      const size = shape.channels * shape.height * shape.width;
      const data = Uint8Array.from({ length: LEVELS * size }, (_, i) => Math.floor(i / size));
      const scores = await network.predict({ ...shape, count: LEVELS, data });
      return Array.from({ length: LEVELS }, (_, row) =>
        Math.max(...scores.data.subarray(row * scores.numClasses, (row + 1) * scores.numClasses)),
      );
    });
    const certain = confidences.filter((confidence) => confidence >= 0.9).length;
    return {
      verdict: certain === LEVELS ? 'reproduced' : certain > 0 ? 'partly reproduced' : 'not reproduced',
      ours: `The network is at least 90 % certain about ${certain} of ${LEVELS} greys.`,
      rule: 'Reproduced where it is at least 90 % certain about each of the 256 greys; partly where about one.',
      caveats: [],
      tables: [],
      charts: [],
      galleries: [],
    };
  },
};

import { argmax, scoresOf } from '@pareidolia/core';
import type { Finding, Skipped } from '../../finding/finding.ts';
import type { Gallery } from '../../finding/gallery.ts';
import { formatCount, formatPercent } from '../../format/format.ts';
import { exactInterval } from '../../statistics/exact-interval.ts';
import type { Counted } from '../../statistics/fisher-exact.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import type { Claim } from '../claim.ts';
import { rejectionVerdict } from './discriminator-rejects-verdict.ts';
import { adversarialSet, FOOLS, type FoolingSet, foolingSet, KINDS } from './fooling-sets.ts';
import { type Illuminated, illuminate } from './illumination.ts';
import { type Judging, judging, KEPT } from './naturalness.ts';
import { type GeneratorSubject, generatorSubject } from './subject.ts';

/** The class that is searched for among latents, as in pyribs: eights. */
const EIGHT = '8';

/** Images of a set that are shown. */
const SHOWN = 20;

interface RefusedSet extends FoolingSet {
  readonly refused: Counted;
}

async function run(bench: Workbench): Promise<Finding | Skipped> {
  const subject = await generatorSubject(bench);
  if ('skipped' in subject) return subject;
  try {
    const discriminator = await bench.discriminator?.(subject.network);
    if (discriminator === undefined) {
      return {
        skipped:
          'No discriminator is given, and none of this generator is in the data folder (models/mnist-gan-mlp-discriminator.onnx belongs to the generator there); name one with --discriminator.',
      };
    }
    const judge = await judging(discriminator, subject);
    const sets: RefusedSet[] = [];
    for (const [place, kind] of KINDS.entries()) {
      const set = await foolingSet(bench, subject.network, subject.generator, kind, (share) =>
        bench.progress((0.6 * (place + share)) / KINDS.length, kind.name),
      );
      sets.push({ ...set, refused: await judge.refused(set.images) });
    }
    bench.progress(0.6, 'adversarial examples');
    const adversarial = await adversarialSet(bench, subject.network, subject.test);
    sets.push({ ...adversarial, refused: await judge.refused(adversarial.images) });
    const { classNames } = subject.network;
    const eight = Math.max(0, classNames.indexOf(EIGHT) < 0 ? classNames.length - 2 : classNames.indexOf(EIGHT));
    const found = await illuminate(bench, subject, discriminator, eight);
    return await find(subject, judge, sets, found, eight);
  } finally {
    await subject.dispose();
  }
}

async function find(
  subject: GeneratorSubject,
  judge: Judging,
  sets: readonly RefusedSet[],
  found: Illuminated,
  eight: number,
): Promise<Finding> {
  const { network } = subject;
  const named = (...names: readonly string[]): Counted => {
    const some = sets.filter(({ name }) => names.includes(name));
    return {
      hits: some.reduce((sum, { refused }) => sum + refused.hits, 0),
      of: some.reduce((sum, { refused }) => sum + refused.of, 0),
    };
  };
  const outcome = {
    evolved: named('evolved CPPNs', 'evolved pixels'),
    ascended: named('ascended pixels'),
    adversarial: named('adversarial examples'),
  };
  const latent = named('evolved latents', 'ascended latents');
  const show = ({ hits, of }: Counted): string =>
    of === 0 ? 'none of none' : `${formatPercent(hits / of)} (${hits} of ${of})`;
  const between = ({ hits, of }: Counted): string => {
    const { low, high } = exactInterval(hits, of);
    return of === 0 ? '–' : `${formatPercent(low)} to ${formatPercent(high)}`;
  };
  const rejected: Counted = { hits: found.odds.filter((odds) => odds < judge.threshold).length, of: found.count };
  const eights = await recognizedBy(subject, found, eight);
  const name = network.classNames[eight]!;
  return {
    ...rejectionVerdict(outcome),
    ours: `At the threshold that keeps ${formatPercent(KEPT)} of real images the discriminator refuses ${show(outcome.evolved)} of evolved images, ${show(outcome.ascended)} of ascended ones and ${show(outcome.adversarial)} of adversarial examples, and ${show(latent)} of those made through its generator. Searched for among latents, ${formatCount(found.count)} kinds of ${name} were found that ${network.where} is certain of, of which it refuses ${show(rejected)}.`,
    rule: `Reproduced if the discriminator refuses more than half of the evolved and more than half of the ascended images, and a smaller share of adversarial examples than of evolved images (Fisher's exact test, p < 0.05); partly if some of the three hold. Inconclusive while one half is within an exact 95 % interval, or the test finds nothing.`,
    caveats: [
      `Evolved and ascended images count from ${formatPercent(FOOLS)} confidence on; adversarial examples are those nearest to real test images (DeepFool), and lie at the boundary.`,
      `The threshold was set by one half of the real test images; of the other half it refuses ${show(judge.real)}.`,
      'None of the images was made to deceive the discriminator, but those that were searched for among latents: these were made for it to refuse.',
      'pyribs searches with CMA-ME, and this with MAP-Elites and variation along lines.',
    ],
    tables: [
      {
        title: 'What the discriminator refuses',
        caption: 'Shares with exact 95 % intervals (Clopper and Pearson 1934).',
        head: ['images', 'refused', 'interval'],
        rows: [
          ...sets.map(({ name, refused }) => [name, show(refused), between(refused)]),
          ['real test images', show(judge.real), between(judge.real)],
        ],
      },
      {
        title: `Images among latents that are certainly a ${name}`,
        caption: `One for each cell of a grid over how much ink there is and how dark it is: of at least ${formatPercent(FOOLS)} confidence, that which looks least real.`,
        head: [
          'cells filled, of all',
          'images tried',
          'refused by the discriminator',
          `taken for ${name} by all other networks`,
        ],
        rows: [[`${found.count} of ${found.cells}`, formatCount(found.evaluations), show(rejected), show(eights)]],
      },
    ],
    charts: [],
    galleries: [
      ...(found.count === 0 ? [] : [illuminatedGallery(subject, found, name)]),
      ...sets.filter(({ images }) => images.count > 0).map((set) => galleryOf(network.classNames, set)),
    ],
  };
}

/** How many images all other networks take for the class. */
async function recognizedBy(
  { others, network }: GeneratorSubject,
  found: Illuminated,
  eight: number,
): Promise<Counted> {
  if (found.count === 0) return { hits: 0, of: 0 };
  const { channels, height, width } = network.shape;
  const images = { channels, height, width, count: found.count, data: found.images };
  const agreed = new Array<boolean>(found.count).fill(true);
  for (const { network: other } of others) {
    const scores = await other.predict(images);
    agreed.forEach((is, row) => {
      agreed[row] = is && argmax(scoresOf(scores, row)) === eight;
    });
  }
  return { hits: agreed.filter(Boolean).length, of: found.count };
}

function illuminatedGallery(
  { network }: GeneratorSubject,
  { odds, confidences, images }: Illuminated,
  name: string,
): Gallery {
  const { channels, height, width } = network.shape;
  const size = channels * height * width;
  const least = [...odds.keys()].sort((a, b) => odds[a]! - odds[b]!).slice(0, SHOWN);
  return {
    title: `Certainly a ${name}, and least real`,
    caption: 'Of all cells, the images that the discriminator gives the least chance of being real, with that chance.',
    pictures: least.map((row) => ({
      shape: { channels, height, width },
      planes: images.subarray(row * size, (row + 1) * size),
      label: `${name}: ${formatPercent(confidences[row]!)}`,
      note: `real: ${formatPercent(1 / (1 + Math.exp(-odds[row]!)))}`,
    })),
  };
}

function galleryOf(classNames: readonly string[], { name, images, madeFor, confidences }: FoolingSet): Gallery {
  const { channels, height, width, count, data } = images;
  const size = data.length / count;
  return {
    title: name,
    caption: 'With the class that the network sees in each, and the confidence of the 8-bit image.',
    pictures: madeFor.slice(0, SHOWN).map((label, row) => ({
      shape: { channels, height, width },
      planes: data.subarray(row * size, (row + 1) * size),
      label: classNames[label]!,
      note: formatPercent(confidences[row]!),
    })),
  };
}

export const discriminatorRejects: Claim = {
  name: 'discriminator-rejects',
  ledger: 'generator',
  title: 'What a discriminator refuses',
  claim:
    'A discriminator refuses fooling images that a classifier is certain of: most of what was evolved or ascended, and less of what was real before it was changed.',
  published: 'no figure: an example of pyribs',
  source:
    'the example lsi_mnist of pyribs, read in its repository: images in the latent space of a GAN that a LeNet is certain are eights and the discriminator refuses; the discriminator of Goodfellow et al. 2014 (arXiv 1406.2661)',
  papers: ['goodfellow2014generative', 'nguyen2015fooled'],
  seconds: { tiny: 13 },
  run,
};

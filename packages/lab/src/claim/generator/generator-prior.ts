import { argmax, scoresOf } from '@pareidolia/core';
import type { Finding, Skipped } from '../../finding/finding.ts';
import type { Gallery } from '../../finding/gallery.ts';
import { formatNumber, formatPercent, formatSignificance } from '../../format/format.ts';
import { type Counted, fisherExactTest } from '../../statistics/fisher-exact.ts';
import { median } from '../../statistics/quartiles.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import type { Claim } from '../claim.ts';
import { FOOLS, type FoolingSet, foolingSet, KINDS } from './fooling-sets.ts';
import { generatorPriorVerdict } from './generator-prior-verdict.ts';
import { distanceOf, type Judging, judging, KEPT } from './naturalness.ts';
import { type GeneratorSubject, generatorSubject } from './subject.ts';

/** Images of a set that are shown. */
const SHOWN = 20;

/** A set with what others say of it. */
interface JudgedSet extends FoolingSet {
  /** For each other network, how many images it takes for the class that they were made for. */
  readonly agreed: readonly Counted[];
  /** Images that all of them do. */
  readonly byAll: Counted;
  readonly refused: Counted | undefined;
  readonly distance: Awaited<ReturnType<typeof distanceOf>>;
}

async function run(bench: Workbench): Promise<Finding | Skipped> {
  const subject = await generatorSubject(bench);
  if ('skipped' in subject) return subject;
  try {
    const discriminator = await bench.discriminator?.(subject.network);
    const judge = discriminator === undefined ? undefined : await judging(discriminator, subject);
    const sets: JudgedSet[] = [];
    for (const [place, kind] of KINDS.entries()) {
      const set = await foolingSet(bench, subject.network, subject.generator, kind, (share) =>
        bench.progress((place + share) / KINDS.length, kind.name),
      );
      sets.push(await judged(bench, subject, judge, set));
    }
    return find(subject, judge, sets);
  } finally {
    await subject.dispose();
  }
}

async function judged(
  bench: Workbench,
  subject: GeneratorSubject,
  judge: Judging | undefined,
  set: FoolingSet,
): Promise<JudgedSet> {
  const { images, madeFor } = set;
  const isAgreed = madeFor.map(() => true);
  const agreed: Counted[] = [];
  for (const { network } of subject.others) {
    await bench.pause();
    if (images.count === 0) {
      agreed.push({ hits: 0, of: 0 });
      continue;
    }
    const scores = await network.predict(images);
    const own = madeFor.map((label, row) => argmax(scoresOf(scores, row)) === label);
    own.forEach((is, row) => {
      isAgreed[row] &&= is;
    });
    agreed.push({ hits: own.filter(Boolean).length, of: images.count });
  }
  return {
    ...set,
    agreed,
    byAll: { hits: isAgreed.filter(Boolean).length, of: images.count },
    refused: await judge?.refused(images),
    distance: await distanceOf(subject, images),
  };
}

function find(
  { network, generator, others }: GeneratorSubject,
  judge: Judging | undefined,
  sets: readonly JudgedSet[],
): Finding {
  const named = (name: string): JudgedSet => sets.find((set) => set.name === name)!;
  const [evolved, ascended, cppn] = [named('evolved latents'), named('ascended latents'), named('evolved CPPNs')];
  const latent: Counted = {
    hits: evolved.byAll.hits + ascended.byAll.hits,
    of: evolved.byAll.of + ascended.byAll.of,
  };
  const p = fisherExactTest(latent, cppn.byAll);
  const show = ({ hits, of }: Counted): string => (of === 0 ? '–' : `${formatPercent(hits / of)} (${hits} of ${of})`);
  const judges = others.map(({ name }) => name);
  const floor =
    judge === undefined
      ? []
      : [['real test images', '–', '–', ...judges.map(() => '–'), '–', show(judge.real), '–', '–']];
  return {
    ...generatorPriorVerdict({ latent, cppn: cppn.byAll }),
    ours: `All of ${judges.join(' and ')} recognize the class in ${show(latent)} of the images made through ${generator.where}, and in ${show(cppn.byAll)} of the evolved CPPN images (Fisher's exact test, ${formatSignificance(p)}); ${network.where} is at least ${formatPercent(FOOLS)} certain of all of them.`,
    rule: `By proxy. Reproduced if all other networks take more than half of the images made through the generator for the class that they were made for, and not more than half of the CPPN images; partly if one of the two holds. Inconclusive while one half is within an exact 95 % interval, as where few images reach ${formatPercent(FOOLS)}.`,
    caveats: [
      'A network is not a person. Networks of the same data share mistakes, too: what was evolved for one is often taken alike by others, and evolved pixels are the control, in which people see nothing. The images below are for your own eyes.',
      'A generator makes images of its training data: what is found through it is no rubbish that is taken for a digit, but digits.',
      'Images of one search are related, which the tests ignore.',
      ...(judge === undefined
        ? ['No discriminator is given, so how natural the images look is not told; name one with --discriminator.']
        : [
            `The discriminator refuses at the threshold that keeps ${formatPercent(KEPT)} of one half of the real test images; its row is of the other half.`,
          ]),
      'Frechet distances are of few images, and so large by chance: compare each with the floor beside it, that of as many real test images.',
    ],
    tables: [
      {
        title: 'Ways to make fooling images, side by side',
        caption: `Images for every class with at least ${formatPercent(FOOLS)} confidence, as 8-bit images. Recognized: taken for the class that they were made for. Frechet distance to training images, in the features of another network, and the same of as many test images.`,
        head: [
          'images',
          'certain, of those made',
          'median confidence',
          ...judges.map((name) => `recognized by ${name}`),
          'by all',
          'refused by the discriminator',
          'Frechet distance',
          'its floor',
        ],
        rows: [
          ...sets.map((set) => [
            set.name,
            `${set.images.count} of ${set.made}`,
            set.confidences.length === 0 ? '–' : formatPercent(median([...set.confidences])),
            ...set.agreed.map(show),
            show(set.byAll),
            set.refused === undefined ? '–' : show(set.refused),
            set.distance === undefined ? '–' : formatNumber(set.distance.distance),
            set.distance === undefined ? '–' : formatNumber(set.distance.floor),
          ]),
          ...floor,
        ],
      },
    ],
    charts: [],
    galleries: sets.filter(({ images }) => images.count > 0).map((set) => galleryOf(network.classNames, set)),
  };
}

function galleryOf(classNames: readonly string[], { name, images, madeFor, confidences }: FoolingSet): Gallery {
  const { channels, height, width, count, data } = images;
  const size = data.length / count;
  return {
    title: name,
    caption: 'With the class that each was made for, and the confidence of the 8-bit image.',
    pictures: madeFor.slice(0, SHOWN).map((label, row) => ({
      shape: { channels, height, width },
      planes: data.subarray(row * size, (row + 1) * size),
      label: classNames[label]!,
      note: formatPercent(confidences[row]!),
    })),
  };
}

export const generatorPrior: Claim = {
  name: 'generator-prior',
  ledger: 'generator',
  title: 'Fooling images through a generator can be recognized',
  claim:
    'Images that are evolved or ascended among the latents of a generator please the network and can be recognized, while CPPN images please it and cannot.',
  published: 'no figure of it is at hand here',
  source:
    'after Nguyen et al. 2016 (arXiv 1605.09304), activation maximization through a generator; the claim is in our words, for the paper could not be read here',
  papers: ['nguyen2016synthesizing'],
  seconds: { tiny: 19 },
  run,
};

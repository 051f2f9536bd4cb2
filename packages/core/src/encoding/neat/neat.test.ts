import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageSize } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import { neatVariationOf } from '../../variation/neat.ts';
import { cppnEncoding } from '../cppn/cppn.ts';
import { fromCppnDocument } from '../cppn/document.ts';
import { distance } from './compatibility.ts';
import { express } from './express.ts';
import { type LinkGene, type NeatGenome, packNeat, splitMarking, unpackNeat } from './genome.ts';
import { neatEncoding } from './neat.ts';

const shape = { channels: 1, height: 9, width: 7 } as const;
const encoding = neatEncoding(shape);

const link = (source: number, target: number, weight: number, isOn = true): LinkGene => ({
  source,
  target,
  weight,
  isOn,
});

function genomeOf(markings: readonly number[], links: readonly LinkGene[]): NeatGenome {
  return { outputs: 1, hidden: markings.map((marking) => ({ marking, activation: 0 })), outputActivations: [0], links };
}

/** Grows fast. */
function descendant(seed: number, generations: number): NeatGenome {
  const variation = neatVariationOf(encoding, { addNode: 0.5, addLink: 0.7 });
  const random = Random.stream(seed);
  let [one, other] = [encoding.random(random), encoding.random(random)];
  for (let i = 0; i < generations; i++) [one, other] = [variation.apply([one, other], random, 1), one];
  return one;
}

function drawn(genome: NeatGenome): Uint8Array {
  const image = new Uint8Array(imageSize(shape));
  encoding.render([genome], image);
  return image;
}

describe('markings', () => {
  it('are the same for the same change, whenever and wherever it happens', () => {
    const split = neatVariationOf(encoding, { mutateWeights: 0, addLink: 0, addNode: 1 });
    // Two networks of other weights; a link is split in each, and there are four.
    const born = [1, 2].flatMap((seed) =>
      Array.from({ length: 40 }, (_, i) => {
        const parent = encoding.random(Random.stream(seed));
        const child = split.apply([parent, parent], Random.stream(seed, i), 1);
        const off = child.links.find(({ isOn }) => !isOn)!;
        return { source: off.source, marking: child.hidden[0]!.marking };
      }),
    );
    for (const one of born) {
      for (const other of born) expect(one.marking === other.marking).toBe(one.source === other.source);
    }
  });

  it('are others where a link is split again', () => {
    const first = splitMarking(0, 4, new Set());
    const second = splitMarking(0, 4, new Set([first]));
    expect(second).not.toBe(first);
    expect(splitMarking(0, 4, new Set())).toBe(first);
    expect(Math.min(first, second)).toBeGreaterThanOrEqual(16);
  });
});

describe('a genome', () => {
  it('comes back from its bytes, from anywhere in memory, and never has a cycle', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(60), (seed, generations) => {
        const genome = descendant(seed, generations);
        const bytes = new Uint8Array(packNeat(genome).length + 1);
        bytes.set(packNeat(genome), 1);
        expect(unpackNeat(bytes.subarray(1), 1)).toEqual(genome);
      }),
      { numRuns: 40 },
    );
  });

  it('is refused where it is none', () => {
    const good = descendant(1, 30);
    const refused = (genome: NeatGenome, message: string): void => {
      expect(() => unpackNeat(packNeat(genome), 1)).toThrow(message);
    };
    expect(() => unpackNeat(packNeat(good).subarray(4), 1)).toThrow('are not a genome of neat');
    expect(() => unpackNeat(packNeat(good), 3)).toThrow('are not a genome of neat');
    refused(genomeOf([], [link(0, 99, 1)]), 'link 0 cannot end in 99');
    refused(genomeOf([], [link(4, 4, 1)]), 'link 0 cannot start in 4');
    refused(genomeOf([], [link(0, 4, Number.NaN)]), 'the weight NaN');
    refused(genomeOf([], [link(1, 4, 1), link(0, 4, 1)]), 'links are not in order');
    refused(genomeOf([20, 30], [link(20, 30, 1), link(30, 20, 1)]), 'have a cycle');
  });

  it('is written down as a network that the encoding cppn draws to the same image', () => {
    const cppn = cppnEncoding(shape);
    for (let seed = 0; seed < 10; seed++) {
      const genome = descendant(seed, 25);
      const { value } = encoding.document(genome) as { value: unknown };
      const image = new Uint8Array(imageSize(shape));
      cppn.render([fromCppnDocument(JSON.parse(JSON.stringify(value)))], image);
      expect(image).toEqual(drawn(genome));
    }
  });

  it('makes a network of the links that are on', () => {
    const { linkCounts, sources, weights } = express(
      genomeOf([20, 30], [link(0, 30, 1), link(1, 4, 5, false), link(20, 4, 2), link(30, 20, 3)]),
    );
    // 30 comes before 20, which draws on it.
    expect([...linkCounts]).toEqual([1, 1, 1]);
    expect([...sources]).toEqual([0, 4, 5]);
    expect([...weights]).toEqual([1, 3, 2]);
  });
});

describe('the compatibility distance', () => {
  const one = genomeOf([], [link(0, 4, 1), link(1, 4, 2), link(2, 4, 3)]);
  const other = genomeOf([20], [link(0, 4, 2), link(0, 20, 1), link(1, 4, -1), link(20, 4, 1)]);

  it('is c1 times the genes of one alone, plus c3 times the mean difference of the others', () => {
    // Apart: 2-4, 0-20 and 20-4; weights differ by 1 and 3.
    expect(distance(one, other, { disjoint: 1, weights: 0.4 })).toBeCloseTo(3 + 0.4 * 2, 12);
    expect(distance(other, one, { disjoint: 1, weights: 0.4 })).toBeCloseTo(3.8, 12);
    expect(distance(one, one, { disjoint: 1, weights: 0.4 })).toBe(0);
  });

  it('divides by the number of genes from 20 on', () => {
    const markings = Array.from({ length: 30 }, (_, i) => 100 + i);
    const large = genomeOf(
      markings,
      markings.map((marking) => link(0, marking, 1)),
    );
    expect(distance(large, genomeOf([], []), { disjoint: 1, weights: 0.4 })).toBe(1);
  });
});

describe('crossover', () => {
  const fitter = genomeOf([20], [link(0, 4, 1, false), link(0, 20, 1), link(1, 4, 1), link(20, 4, 1)]);
  const other = genomeOf([], [link(0, 4, -1), link(1, 4, -1), link(2, 4, -1)]);
  const variation = neatVariationOf(encoding, { mutateAlone: 0, mutateWeights: 0, addLink: 0, addNode: 0 });
  const children = Array.from({ length: 2000 }, (_, i) => variation.apply([fitter, other], Random.stream(3, i), 1));

  it('gives the fitter parent’s structure, and weights of both where both have the gene', () => {
    for (const child of children) {
      expect(child.links.map(({ source, target }) => [source, target])).toEqual([
        [0, 4],
        [0, 20],
        [1, 4],
        [20, 4],
      ]);
    }
    const share = (place: number): number => children.filter(({ links }) => links[place]!.weight < 0).length / 2000;
    for (const place of [0, 2]) expect(Math.abs(share(place) - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / 2000));
    for (const place of [1, 3]) expect(share(place)).toBe(0);
  });

  it('leaves three in four genes off that are off in one parent', () => {
    const off = children.filter(({ links }) => !links[0]!.isOn).length / 2000;
    expect(Math.abs(off - 0.75)).toBeLessThan(5 * Math.sqrt((0.75 * 0.25) / 2000));
  });
});

describe('mutation', () => {
  it('puts a node into a link: 1 in, the old weight out, the link off', () => {
    const parent = encoding.random(Random.stream(1));
    const child = neatVariationOf(encoding, { mutateWeights: 0, addLink: 0, addNode: 1 }).apply(
      [parent, parent],
      Random.stream(2),
      1,
    );
    const off = child.links.find(({ isOn }) => !isOn)!;
    const { marking } = child.hidden[0]!;
    expect(child.links).toContainEqual(link(off.source, marking, 1));
    expect(child.links).toContainEqual(link(marking, off.target, off.weight));
    expect(child.links).toHaveLength(6);
  });

  it('leaves parents alone, and is a function of its stream', () => {
    const [one, other] = [descendant(5, 20), descendant(6, 20)];
    const before = [packNeat(one), packNeat(other)];
    const variation = neatVariationOf(encoding);
    const child = variation.apply([one, other], Random.stream(7), 1);
    expect(variation.apply([one, other], Random.stream(7), 1)).toEqual(child);
    expect([packNeat(one), packNeat(other)]).toEqual(before);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CppnGenome, unpackCppn } from '../encoding/cppn/genome.ts';
import { renderCppnPlain } from '../encoding/cppn/plain.ts';
import { InputError } from '../errors.ts';
import { Random } from '../random/random.ts';
import { CPPN_DEFAULTS, CppnMutation, type CppnOptions } from '../testing/cppn-mutation.ts';
import { Draft } from './cppn-draft.ts';

const NOTHING: CppnOptions = {
  ...CPPN_DEFAULTS,
  addLink: 0,
  deleteLink: 0,
  addNode: 0,
  deleteNode: 0,
  redrawFunction: 0,
  mutateWeight: 0,
};

function only(options: Partial<CppnOptions>): CppnMutation {
  return new CppnMutation({ ...NOTHING, ...options });
}

function descendant(seed: number, outputs: 1 | 3, generations: number): CppnGenome {
  const mutation = new CppnMutation(CPPN_DEFAULTS);
  const random = Random.stream(seed);
  let genome = mutation.random(outputs, random);
  for (let i = 0; i < generations; i++) genome = mutation.mutate(genome, random);
  return genome;
}

/** Asserts that `hits` of `n` is a share of `chance`, to five standard errors. */
function expectShare(hits: number, n: number, chance: number): void {
  expect(Math.abs(hits / n - chance)).toBeLessThan(5 * Math.sqrt((chance * (1 - chance)) / n));
}

function image(genome: CppnGenome): Uint8Array {
  const pixels = new Uint8Array(64);
  renderCppnPlain(genome, { channels: 1, height: 8, width: 8 }, pixels);
  return pixels;
}

describe('a first genome', () => {
  it('links every input to every output and has no hidden node', () => {
    const genome = new CppnMutation(CPPN_DEFAULTS).random(3, Random.stream(1));
    expect([...genome.linkCounts]).toEqual([4, 4, 4]);
    expect([...genome.sources]).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
  });

  it('has functions drawn uniformly and weights uniform on [-3, 3]', () => {
    const mutation = new CppnMutation(CPPN_DEFAULTS);
    const random = Random.stream(2);
    const genomes = Array.from({ length: 2000 }, () => mutation.random(1, random));
    for (let f = 0; f < 4; f++) expectShare(genomes.filter((g) => g.activations[0] === f).length, 2000, 0.25);
    const weights = genomes.flatMap((g) => [...g.weights]);
    expect(weights.every((w) => Math.abs(w) <= 3)).toBe(true);
    for (const bound of [-2, 0, 1.5]) {
      expectShare(weights.filter((w) => w < bound).length, weights.length, (bound + 3) / 6);
    }
  });
});

describe('mutation', () => {
  it('makes nothing but genomes: no cycle, no double link, no weight beyond 10', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.constantFrom(1, 3), (seed, outputs) => {
        const genome = descendant(seed, outputs, 150);
        // The numbering of nodes forbids cycles, and unpacking checks it.
        expect(() => unpackCppn(genome.bytes, outputs)).not.toThrow();
        expect(genome.weights.every((w) => Math.abs(w) <= 10)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('leaves the parent alone, and is a function of its stream', () => {
    const mutation = new CppnMutation(CPPN_DEFAULTS);
    const parent = descendant(3, 3, 30);
    const before = parent.bytes.slice();
    const child = mutation.mutate(parent, Random.stream(1));
    expect(parent.bytes).toEqual(before);
    expect(mutation.mutate(parent, Random.stream(1))).toEqual(child);
  });

  it('without any chance gives a copy', () => {
    const parent = descendant(4, 3, 50);
    expect(only({}).mutate(parent, Random.stream(1))).toEqual(parent);
  });

  it('adds a node into a link: both halves keep the weight', () => {
    const parent = only({}).random(1, Random.stream(1));
    for (let seed = 0; seed < 20; seed++) {
      const child = only({ addNode: 1 }).mutate(parent, Random.stream(seed));
      expect([...child.linkCounts]).toEqual([1, 4]);
      const split = child.sources[0]!;
      expect([...child.sources.subarray(1)]).toEqual([0, 1, 2, 3, 4].filter((source) => source !== split));
      expect(child.weights[0]).toBe(parent.weights[split]);
      expect(child.weights[4]).toBe(parent.weights[split]);
    }
  });

  it('deletes a hidden node with its links, never an output', () => {
    const split = only({ addNode: 1 }).mutate(only({}).random(1, Random.stream(1)), Random.stream(2));
    const deleting = only({ deleteNode: 1 });
    const child = deleting.mutate(split, Random.stream(3));
    expect([...child.linkCounts]).toEqual([3]);
    expect(deleting.mutate(child, Random.stream(4))).toEqual(child);
  });

  it('deletes links one at a time, down to none', () => {
    const deleting = only({ deleteLink: 1 });
    let genome = only({}).random(1, Random.stream(1));
    for (const left of [3, 2, 1, 0, 0]) {
      genome = deleting.mutate(genome, Random.stream(left));
      expect(genome.weights.length).toBe(left);
    }
  });

  it('adds a link where nodes had none; a first genome is full', () => {
    const adding = only({ addLink: 1 });
    const first = only({}).random(1, Random.stream(1));
    expect(adding.mutate(first, Random.stream(2))).toEqual(first);
    const split = only({ addNode: 1 }).mutate(first, Random.stream(2));
    const child = adding.mutate(split, Random.stream(3));
    expect(child.weights.length).toBe(split.weights.length + 1);
  });

  it('happens with the chances of the paper', () => {
    const parent = descendant(7, 3, 60);
    const n = 4000;
    const count = (options: Partial<CppnOptions>, differs: (child: CppnGenome) => number): number => {
      const mutation = only(options);
      let sum = 0;
      for (let i = 0; i < n; i++) sum += differs(mutation.mutate(parent, Random.stream(8, i)));
      return sum;
    };
    const links = parent.weights.length;
    const nodes = parent.activations.length;
    const { deleteLink, addNode, deleteNode, addLink, redrawFunction } = CPPN_DEFAULTS;
    const linksChanged = (child: CppnGenome): number => (child.weights.length === links ? 0 : 1);
    const nodesChanged = (child: CppnGenome): number => (child.activations.length === nodes ? 0 : 1);
    expectShare(count({ addLink }, linksChanged), n, 0.5);
    expectShare(count({ deleteLink }, linksChanged), n, 0.3);
    expectShare(count({ addNode }, nodesChanged), n, 0.5);
    expectShare(count({ deleteNode }, nodesChanged), n, 0.2);
    // One redrawn function in four is the old one.
    const redrawn = (child: CppnGenome): number =>
      child.activations.reduce((sum, f, i) => sum + (f === parent.activations[i] ? 0 : 1), 0);
    expectShare(count({ redrawFunction }, redrawn), n * nodes, 0.1 * 0.75);
  });

  it('moves weights by polynomial steps on the gene in [0, 1] that stands for -10 .. 10', () => {
    const mutation = only({ mutateWeight: CPPN_DEFAULTS.mutateWeight });
    const parent = mutation.random(3, Random.stream(1));
    const steps = Array.from({ length: 4000 }, (_, i) =>
      mutation.mutate(parent, Random.stream(2, i)).weights.map((w, link) => Math.abs(w - parent.weights[link]!) / 20),
    ).flatMap((child) => [...child]);
    // Weights begin within 3, so that steps up to 0.35 stay in range.
    for (const d of [0, 0.01, 0.1, 0.3]) {
      expectShare(steps.filter((step) => step > d).length, steps.length, 0.1 * (1 - d) ** 16);
    }
    expect(mutation.mutate(parent, Random.stream(3)).weights.every((w) => Math.abs(w) <= 10)).toBe(true);
  });
});

describe('a draft', () => {
  it('means the same after nodes are renumbered for a link that is worth nothing', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(1000), fc.nat(1000), (seed, a, b) => {
        const parent = descendant(seed, 1, 40);
        const draft = new Draft();
        draft.copy(parent);
        const source = 4 + (a % Math.max(1, draft.hidden));
        const target = 4 + (b % parent.activations.length);
        fc.pre(draft.hidden > 1 && draft.addLink(source, target, 0));
        const child = unpackCppn(draft.genome().bytes, 1);
        // Sums may be taken in another order.
        const before = image(parent);
        expect(image(child).every((pixel, i) => Math.abs(pixel - before[i]!) <= 1)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('refuses a link that is there, that joins a node to itself, or that would close a cycle', () => {
    const draft = new Draft();
    draft.copy(only({}).random(1, Random.stream(1)));
    // x -> 4 -> output, then 4 -> 5 -> output: node 5 descends from 4.
    draft.splitLink(0, 0);
    draft.splitLink(draft.links - 1, 0);
    expect(draft.hidden).toBe(2);
    expect(draft.addLink(5, 4, 1)).toBe(false);
    expect(draft.addLink(4, 4, 1)).toBe(false);
    expect(draft.addLink(4, 5, 1)).toBe(false);
    expect(draft.addLink(4, 6, 1)).toBe(true);
  });
});

it('refuses options out of range', () => {
  for (const options of [
    { addLink: 1.5 },
    { mutateWeight: -1 },
    { weightLimit: 0 },
    { weightLimit: 1000 },
    { eta: -1 },
  ]) {
    expect(() => new CppnMutation({ ...CPPN_DEFAULTS, ...options })).toThrow(InputError);
  }
  expect(() => new CppnMutation({ ...CPPN_DEFAULTS, newWeight: 11 })).toThrow(
    'newWeight of cppn is 11; give at most weightLimit, which is 10',
  );
});

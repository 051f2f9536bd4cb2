import { describe, expect, it } from 'vitest';
import { directEncoding } from '../encoding/direct.ts';
import { growingEncoding } from '../encoding/growing.ts';
import { type ImageShape, imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { growingMutationOf } from './growing-mutation.ts';

const shape: ImageShape = { channels: 3, height: 28, width: 20 };
const encoding = growingEncoding(shape);
const drawn = (genome: Uint16Array): Uint8Array => {
  const image = new Uint8Array(imageSize(shape));
  encoding.render([genome], image);
  return image;
};

describe('a growing image', () => {
  it('begins as 4 x 4 squares of the direct encoding, each as large as its pixels are many', () => {
    const genome = encoding.random(Random.stream(1));
    expect([genome.length, genome[0]]).toEqual([1 + 3 * 16, 0]);
    const squares = new Uint8Array(48);
    directEncoding({ channels: 3, height: 4, width: 4 }).render([genome.slice(1)], squares);
    const image = drawn(genome);
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < 28; y++)
        for (let x = 0; x < 20; x++) {
          expect(image[(c * 28 + y) * 20 + x]).toBe(squares[(c * 4 + Math.floor(y / 7)) * 4 + Math.floor(x / 5)]);
        }
  });

  it('stays the same image at every level, and is the direct encoding at the last', () => {
    // 4, 8, 16, and 28 x 20.
    expect(encoding.levels).toBe(4);
    const first = encoding.random(Random.stream(2));
    let stepwise = first;
    for (let level = 1; level < 4; level++) {
      stepwise = encoding.grow(stepwise, level);
      expect(drawn(stepwise)).toEqual(drawn(first));
      expect(encoding.grow(first, level)).toEqual(stepwise);
    }
    const direct = new Uint8Array(imageSize(shape));
    directEncoding(shape).render([stepwise.slice(1)], direct);
    expect(drawn(stepwise)).toEqual(direct);
    expect(encoding.grow(stepwise, 2)).toBe(stepwise);
  });

  it('comes back from its bytes, and is refused where it is of another shape', () => {
    const genome = encoding.grow(encoding.random(Random.stream(3)), 1);
    const bytes = new Uint8Array(genome.byteLength + 1);
    bytes.set(encoding.pack(genome), 1);
    expect(encoding.unpack(bytes.subarray(1))).toEqual(genome);
    for (const bad of [bytes, new Uint8Array(0), Uint8Array.of(9, 0), encoding.pack(genome).subarray(2)]) {
      expect(() => encoding.unpack(bad)).toThrow('are not a growing genome here');
    }
  });
});

describe('its mutation', () => {
  it('divides the squares of children as generations pass', () => {
    const { apply } = growingMutationOf(encoding, { growEvery: 10 });
    const parent = encoding.random(Random.stream(4));
    const levels = [1, 9, 10, 19, 20, 30, 1000].map((generation) => apply([parent], Random.stream(5), generation)[0]);
    expect(levels).toEqual([0, 0, 1, 1, 2, 3, 3]);
    expect(growingMutationOf(encoding, { growEvery: 0 }).apply([parent], Random.stream(5), 999)[0]).toBe(0);
  });

  it('changes a tenth of the genes', () => {
    const { apply } = growingMutationOf(encoding, { growEvery: 1 });
    const parent = encoding.grow(encoding.random(Random.stream(6)), 3);
    const before = parent.slice();
    let changed = 0;
    for (let seed = 0; seed < 40; seed++) {
      changed += apply([parent], Random.stream(7, seed), 5).reduce(
        (sum, gene, i) => sum + (gene === parent[i] ? 0 : 1),
        0,
      );
    }
    expect(parent).toEqual(before);
    const n = 40 * 1680;
    // One mutation in 8,000 is too small to be seen.
    expect(Math.abs(changed / n - 0.1)).toBeLessThan(5 * Math.sqrt((0.1 * 0.9) / n) + 0.0001);
  });
});

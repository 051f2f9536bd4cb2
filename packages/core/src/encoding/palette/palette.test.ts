import { describe, expect, it } from 'vitest';
import type { ImageShape } from '../../image/images.ts';
import { imageSize } from '../../image/images.ts';
import { Random } from '../../random/random.ts';
import { resolveSearch } from '../../search/spec.ts';
import { paletteMutationOf } from '../../variation/palette-mutation.ts';
import { renderCppnPlain } from '../cppn/plain.ts';
import { fromPaletteDocument } from './document.ts';
import type { PaletteGenome } from './genome.ts';
import { paletteEncoding } from './palette.ts';

const SHAPES: readonly ImageShape[] = [
  { channels: 1, height: 9, width: 7 },
  { channels: 3, height: 16, width: 11 },
];

function descendant(shape: ImageShape, colors: number, seed: number, generations = 30): PaletteGenome {
  const encoding = paletteEncoding(shape, { colors });
  const variation = paletteMutationOf(encoding);
  const random = Random.stream(seed);
  let genome = encoding.random(random);
  for (let i = 0; i < generations; i++) genome = variation.apply([genome], random, i);
  return genome;
}

function drawn(shape: ImageShape, genome: PaletteGenome, colors: number): Uint8Array {
  const image = new Uint8Array(imageSize(shape));
  paletteEncoding(shape, { colors }).render([genome], image);
  return image;
}

describe.each(SHAPES)('images of $channels channels with a palette', (shape) => {
  const { channels, height, width } = shape;

  it('have in each pixel the color that the grey of the network chooses', () => {
    for (const colors of [2, 5, 64]) {
      for (let seed = 1; seed <= 10; seed++) {
        const genome = descendant(shape, colors, seed);
        const image = drawn(shape, genome, colors);
        const grey = new Uint8Array(height * width);
        renderCppnPlain(genome.network, { channels: 1, height, width }, grey);
        grey.forEach((level, pixel) => {
          const place = Math.floor((level * colors) / 256);
          for (let channel = 0; channel < channels; channel++) {
            expect(image[channel * grey.length + pixel]).toBe(genome.colors[place * channels + channel]);
          }
        });
      }
    }
  });

  it('come back from bytes, wherever these lie, and from the document', () => {
    const colors = 5;
    const encoding = paletteEncoding(shape, { colors });
    for (let seed = 1; seed <= 10; seed++) {
      const genome = descendant(shape, colors, seed);
      const packed = encoding.pack(genome);
      const apart = new Uint8Array(packed.length + 1);
      apart.set(packed, 1);
      expect(encoding.pack(encoding.unpack(apart.subarray(1)))).toEqual(packed);
      const document = encoding.document(genome);
      const value: unknown = JSON.parse(JSON.stringify(document.kind === 'json' ? document.value : undefined));
      expect(encoding.pack(fromPaletteDocument(value, channels))).toEqual(packed);
    }
  });
});

describe('documents of palettes', () => {
  const shape = SHAPES[1]!;
  const network = {
    format: 'pareidolia-cppn',
    version: 1,
    nodes: [{ name: 'grey', function: 'ramp', from: { x: 3 } }],
  };
  const palette = { format: 'pareidolia-palette', version: 1, colors: ['#ff8000', '#000102'], network };

  it('list the colors from the lowest output to the highest', () => {
    const genome = fromPaletteDocument(palette, 3);
    expect([...genome.colors]).toEqual([255, 128, 0, 0, 1, 2]);
    const image = drawn(shape, genome, 2);
    // |clamp(3 x, -3, 3) / 3| is |x|, which is low in the middle and high at both sides.
    expect([image[5], image[5 + 176], image[5 + 352]]).toEqual([255, 128, 0]);
    expect([image[0], image[176], image[352]]).toEqual([0, 1, 2]);
  });

  it('are refused where something in them is wrong', () => {
    const refusal = (change: object) => () => fromPaletteDocument({ ...palette, ...change }, 3, 'a.json');
    expect(refusal({ colors: ['red'] })).toThrow('a.json: field colors.0 is "red"');
    expect(refusal({ network: { ...network, nodes: [] } })).toThrow('a.json, its network: field nodes');
    const hsv = ['hue', 'saturation', 'value'].map((name) => ({ name, function: 'ramp', from: {} }));
    expect(refusal({ network: { ...network, nodes: hsv } })).toThrow('end it with grey');
  });
});

describe('the encoding', () => {
  it('refuses bytes that are none of its genomes', () => {
    const encoding = paletteEncoding(SHAPES[0]!);
    expect(() => encoding.unpack(new Uint8Array(3))).toThrow('3 bytes are not a genome with a palette');
    expect(() => encoding.unpack(new Uint8Array(30))).toThrow('25 bytes are not a CPPN genome');
  });

  it('is refused by cppn-gradient, in one sentence: which color a pixel has is no smooth function', () => {
    expect(() => resolveSearch({ emitter: 'cppn-gradient', encoding: 'palette' }, SHAPES[1]!)).toThrow(
      'cppn-gradient works on the encoding cppn, not on palette; choose that encoding, or another emitter',
    );
  });
});

describe('the mutation of palettes', () => {
  const shape = SHAPES[1]!;
  const encoding = paletteEncoding(shape, { colors: 4 });
  const parent = encoding.random(Random.stream(1));
  const still = { mutateColor: 0, redrawColor: 0, swapColors: 0 };
  const children = (settings: object, count = 2000): PaletteGenome[] =>
    Array.from({ length: count }, (_, i) =>
      paletteMutationOf(encoding, { ...still, ...settings }).apply([parent], Random.stream(2, i), 1),
    );
  const changed = ({ colors }: PaletteGenome): number =>
    [0, 1, 2, 3].filter((color) =>
      [0, 1, 2].some((part) => colors[3 * color + part] !== parent.colors[3 * color + part]),
    ).length;

  it('leaves colors alone at chances of 0, and never changes the parent', () => {
    const before = parent.bytes.slice();
    for (const child of children({})) expect(child.colors).toEqual(parent.colors);
    children({ mutateColor: 1, redrawColor: 1, swapColors: 1 });
    expect(parent.bytes).toEqual(before);
  });

  it('swaps two of four, which are the same one time in four', () => {
    const counts = children({ swapColors: 1 }).map(changed);
    expect(counts.every((count) => count === 0 || count === 2)).toBe(true);
    const share = counts.filter((count) => count === 0).length / counts.length;
    // Five standard errors.
    expect(Math.abs(share - 1 / 4)).toBeLessThan(5 * Math.sqrt(3 / 16 / counts.length));
  });

  it('draws one again, uniformly over 256 levels', () => {
    const some = children({ redrawColor: 1 });
    expect(some.every((child) => changed(child) <= 1)).toBe(true);
    const parts = some.flatMap(({ colors }) => [...colors].filter((part, at) => part !== parent.colors[at]));
    const mean = parts.reduce((sum, part) => sum + part, 0) / parts.length;
    expect(Math.abs(mean - 127.5)).toBeLessThan(5 * Math.sqrt((256 ** 2 - 1) / 12 / parts.length));
  });

  it('moves colors by steps whose size has the mean of polynomial mutation', () => {
    // E|delta| is 1 / (eta + 2), the integral of (1 - d)^(eta + 1); a gene in the middle is hardly ever clipped.
    const middle = encoding.unpack(parent.bytes.slice());
    middle.colors.fill(128);
    const mutation = paletteMutationOf(encoding, { ...still, mutateColor: 1, eta: 15 });
    let [sum, count] = [0, 0];
    for (let i = 0; i < 2000; i++) {
      for (const part of mutation.apply([middle], Random.stream(3, i), 1).colors) {
        sum += Math.abs(part - 128) / 255;
        count++;
      }
    }
    expect(Math.abs(sum / count - 1 / 17)).toBeLessThan(0.002);
  });
});

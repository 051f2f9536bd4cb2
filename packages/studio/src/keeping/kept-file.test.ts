import { describe, expect, it } from 'vitest';
import { joined, type Kept, NOTHING, networkKey, readKept, writeKept } from './kept-file.ts';

const network = networkKey({ name: 'net.onnx', shape: { channels: 1, height: 2, width: 2 } });
const child = {
  genome: Uint8Array.of(1, 2, 3),
  picture: { channels: 1, height: 1, width: 2, planes: Uint8Array.of(7, 8) },
  top: [{ classIndex: 4, className: 'four', confidence: 0.5 }],
} as const;
const kept: Kept = {
  ...NOTHING,
  images: [{ name: 'one', network, planes: Uint8Array.of(1, 2, 3, 4) }],
  trees: [
    {
      network,
      steps: [
        { id: 0, before: null, parents: [], children: [child] },
        { id: 1, before: 0, parents: [child], children: [child, child] },
        {
          id: 2,
          before: 1,
          parents: [child],
          children: [{ ...child, goal: { classIndex: 3, confidence: 0.9, resembles: false } }],
          byNetwork: true,
        },
      ],
      current: 1,
      kept: [child],
    },
  ],
};
const [tree] = kept.trees;
const [image] = kept.images;

describe('a file of what was kept', () => {
  it('reads back as it was', () => {
    expect(readKept(writeKept(kept), 'my.kept')).toEqual(kept);
    expect(readKept(writeKept(NOTHING), 'my.kept')).toEqual(NOTHING);
  });

  it.each([
    ['a cut file', writeKept(kept).subarray(0, 40)],
    ['nothing', new Uint8Array(0)],
    ['another version', writeKept({ ...kept, version: 2 } as never)],
    ['an image of another size', writeKept({ ...kept, images: [{ ...image!, planes: Uint8Array.of(1) }] })],
    [
      'a step from one that is not there',
      writeKept({ ...kept, trees: [{ ...tree!, steps: [{ ...tree!.steps[1]!, id: 0 }] }] }),
    ],
    ['a place beyond the tree', writeKept({ ...kept, trees: [{ ...tree!, current: tree!.steps.length }] })],
    [
      'a goal without a confidence',
      writeKept({ ...kept, trees: [{ ...tree!, kept: [{ ...child, goal: { classIndex: 3 } }] }] } as never),
    ],
    [
      'a picture with values missing',
      writeKept({ ...kept, trees: [{ ...tree!, kept: [{ ...child, picture: { ...child.picture, height: 9 } }] }] }),
    ],
  ])('%s is refused in a sentence', (_, bytes) => {
    expect(() => readKept(bytes, 'my.kept')).toThrow('my.kept holds no images and trees of this page');
  });

  it('joins another one: no image twice, and its own tree for a network that both have', () => {
    const other = { ...image!, name: 'two', planes: Uint8Array.of(9, 9, 9, 9) };
    const mine: Kept = { ...NOTHING, images: [other, { ...image!, name: 'again' }], trees: [{ ...tree!, current: 0 }] };
    expect(joined(kept, mine)).toEqual({ ...kept, images: [image, other] });
  });
});

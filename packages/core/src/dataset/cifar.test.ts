import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { cifarDataset } from './cifar.ts';

/** A record of one label and planes of one value each. */
const record = (label: number, [red, green, blue]: readonly [number, number, number]): Uint8Array =>
  Uint8Array.from({ length: 3073 }, (_, i) => (i === 0 ? label : i <= 1024 ? red : i <= 2048 ? green : blue));

describe('CIFAR-10 in its binary form', () => {
  it('is a label and then planes of red, green and blue, file after file', () => {
    const first = Uint8Array.from([...record(3, [10, 20, 30]), ...record(9, [0, 0, 255])]);
    const { images, labels, classNames } = cifarDataset('test', [
      { name: 'a.bin', bytes: first },
      { name: 'b.bin', bytes: record(0, [7, 8, 9]) },
    ]);
    expect(images).toMatchObject({ count: 3, channels: 3, height: 32, width: 32 });
    expect([...labels].map((label) => classNames[label])).toEqual(['cat', 'truck', 'airplane']);
    expect([0, 1023, 1024, 2048, 3072 + 2048, 2 * 3072].map((at) => images.data[at])).toEqual([10, 10, 20, 30, 255, 7]);
  });

  it('is refused where records are cut or labels unknown', () => {
    const bytes = record(1, [0, 0, 0]);
    expect(() => cifarDataset('test', [{ name: 'a.bin', bytes: bytes.subarray(1) }])).toThrow(InputError);
    expect(() => cifarDataset('test', [{ name: 'a.bin', bytes: record(10, [0, 0, 0]) }])).toThrow(/a\.bin: label 10/);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { level, writeHsv } from './levels.ts';

function rgb(hue: number, saturation: number, value: number): number[] {
  const planes = new Uint8Array(3);
  writeHsv(Math.fround(hue), Math.fround(saturation), Math.fround(value), planes, 0, 1);
  return [...planes];
}

/** The sectors of the hexcone (Smith 1978), in double precision. */
function textbook(hue: number, saturation: number, value: number): number[] {
  const sector = Math.floor(hue * 6);
  const f = hue * 6 - sector;
  const p = value * (1 - saturation);
  const q = value * (1 - saturation * f);
  const t = value * (1 - saturation * (1 - f));
  const table = [
    [value, t, p],
    [q, value, p],
    [p, value, t],
    [p, q, value],
    [t, p, value],
    [value, p, q],
  ];
  return table[sector % 6]!.map((x) => x * 255);
}

describe('a pixel in hue, saturation and value', () => {
  it('has the six pure colors at the sixths of the circle', () => {
    expect(rgb(0, 1, 1)).toEqual([255, 0, 0]);
    expect(rgb(1 / 6, 1, 1)).toEqual([255, 255, 0]);
    expect(rgb(1 / 3, 1, 1)).toEqual([0, 255, 0]);
    expect(rgb(1 / 2, 1, 1)).toEqual([0, 255, 255]);
    expect(rgb(2 / 3, 1, 1)).toEqual([0, 0, 255]);
    expect(rgb(5 / 6, 1, 1)).toEqual([255, 0, 255]);
    expect(rgb(1, 1, 1)).toEqual([255, 0, 0]);
  });

  it('is grey without saturation and black without value', () => {
    expect(rgb(0.3, 0, 0.6)).toEqual([153, 153, 153]);
    expect(rgb(0.3, 0.8, 0)).toEqual([0, 0, 0]);
  });

  it('is that of the textbook, rounded', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(unit, unit, unit, (h, s, v) => {
        const expected = textbook(h, s, v);
        for (const [i, byte] of rgb(h, s, v).entries()) expect(Math.abs(byte - expected[i]!)).toBeLessThan(0.5001);
      }),
    );
  });
});

it('a level is the nearest of 256', () => {
  expect([0, 0.49 / 255, 0.51 / 255, 0.5, 254.6 / 255, 1].map((v) => level(Math.fround(v)))).toEqual([
    0, 0, 1, 128, 255, 255,
  ]);
});

import { luminance } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { backgroundOf, connectedComponents, repeatedComponents, without } from './connected-components.ts';

/** A picture of letters: `.` is dark, `#` bright. */
const picture = (...rows: readonly string[]) => ({
  shape: { channels: 1, height: rows.length, width: rows[0]!.length } as const,
  planes: Uint8Array.from(rows.join(''), (letter) => (letter === '#' ? 250 : 10)),
});
const OPTIONS = { threshold: 48, least: 1 };

describe('elements of an image', () => {
  const { shape, planes } = picture('##..#', '##..#', '.....', '#.##.', '.....');
  const grey = luminance(planes, shape);

  it('stand out from the most common grey', () => {
    expect(backgroundOf(grey)).toBe(10);
  });

  it('are regions whose pixels touch side by side, the largest first; corners do not touch', () => {
    const found = connectedComponents(grey, shape, { ...OPTIONS, background: 10 });
    expect(found.map((region) => [...region].sort((a, b) => a - b))).toEqual([[0, 1, 5, 6], [4, 9], [17, 18], [15]]);
    const corner = picture('#.', '.#');
    expect(
      connectedComponents(luminance(corner.planes, corner.shape), corner.shape, { ...OPTIONS, background: 10 }).length,
    ).toBe(2);
  });

  it('repeat where two or more are of like size', () => {
    const found = connectedComponents(grey, shape, { ...OPTIONS, background: 10 });
    expect(repeatedComponents(found).map(({ length }) => length)).toEqual([4, 2, 2]);
    expect(repeatedComponents([[1, 2, 3, 4], [9]])).toEqual([]);
  });

  it('go away in the color of the background', () => {
    const found = connectedComponents(grey, shape, { ...OPTIONS, background: 10 });
    const rest = without(planes, shape, found[0]!, grey, 10);
    expect([...rest]).toEqual([...picture('....#', '....#', '.....', '#.##.', '.....').planes]);
  });
});

import { describe, expect, it } from 'vitest';
import { PNG, reportData } from '../../testing/fool-report-data.ts';
import { drawnCells, type FoolMap, type MapImage } from './fool-map.ts';
import { renderFoolReport } from './fool-report.ts';

const measure = (name: string) => ({ name, title: `${name} of the image`, lower: 0, upper: 1 });
const entry = (niche: number, confidence: number, changes: Partial<MapImage> = {}): MapImage => ({
  classIndex: 3,
  className: 'three',
  niche,
  measures: [0.25, 0.75],
  confidence,
  argmaxName: 'three',
  file: `map/3-${niche}.png`,
  png: PNG,
  id: niche,
  ...changes,
});
/** Two boxes beside each other. */
const map: FoolMap = {
  measures: [measure('brightness'), measure('contrast')],
  niches: [
    { center: [0.25, 0.5], lower: [0, 0], upper: [0.5, 1] },
    { center: [0.75, 0.5], lower: [0.5, 0], upper: [1, 1] },
  ],
  entries: [entry(0, 0.995), entry(1, 0.2)],
};

describe('the map of a run', () => {
  it('has a link for each cell that holds an image, with its confidence and measures in words', async () => {
    const page = await renderFoolReport(reportData({ map }));
    expect(page).toContain('2 of 2 cells hold an image; in 1 the network is at least 99');
    expect([...page.matchAll(/xlink:href="([^"]*)"/g)].map(([, href]) => href)).toEqual(['map/3-0.png', 'map/3-1.png']);
    expect(page).toContain('aria-label="99.5\u00a0% certain of three: brightness 0.25, contrast 0.75"');
    expect(page).toContain('brightness of the image');
    expect(page).toContain('aria-label="Map: three"');
  });

  it('is drawn for the classes with the most fooled cells, and once for all of them', async () => {
    const entries = Array.from({ length: 12 }, (_, classIndex) =>
      entry(0, classIndex === 11 ? 1 : 0.5, {
        classIndex,
        className: `class ${classIndex}`,
        file: `map/${classIndex}.png`,
      }),
    );
    const page = await renderFoolReport(reportData({ map: { ...map, entries } }));
    expect(page.match(/<figure class="map"/g)).toHaveLength(11);
    expect(page).toContain('1 of 12 classes fooled');
    expect(page).toContain('Map: class 11');
    expect(page).not.toContain('Map: class 9');
  });

  it('loads nothing, and takes no markup from names', async () => {
    const evil = '</script><script>alert(1)</script>';
    const entries = [entry(0, 1, { className: evil, argmaxName: evil })];
    const page = await renderFoolReport(reportData({ map: { ...map, entries } }));
    expect(page).not.toContain('<script>alert');
    expect(page.replace(/xmlns(:\w+)?="[^"]*"/g, '')).not.toMatch(/https?:|url\(|src="(?!data:)/);
  });

  it('is left out where each class has one image', async () => {
    expect(await renderFoolReport(reportData())).not.toContain('id="map"');
  });
});

describe('the cells of a map', () => {
  it('that are no boxes are the Voronoi cells of their middles: two middles share the square halfway', () => {
    const { cells, areBoxes } = drawnCells({ ...map, niches: [{ center: [0.25, 0.5] }, { center: [0.75, 0.5] }] });
    expect(areBoxes).toBe(false);
    const sides = cells.map(({ corners }) => corners.map(([x]) => x));
    expect([Math.min(...sides[0]!), Math.max(...sides[0]!)]).toEqual([0, 0.5]);
    expect([Math.min(...sides[1]!), Math.max(...sides[1]!)]).toEqual([0.5, 1]);
  });

  it('of one measure are a row, and meet halfway', () => {
    const { cells } = drawnCells({ measures: [measure('contrast')], niches: [{ center: [0.8] }, { center: [0.2] }] });
    expect(cells.map(({ corners, niches }) => [niches, corners])).toEqual([
      [
        [1],
        [
          [0, 0],
          [0.5, 1],
        ],
      ],
      [
        [0],
        [
          [0.5, 0],
          [1, 1],
        ],
      ],
    ]);
  });

  it('of three measures lie behind each other', () => {
    const measures = ['a', 'b', 'c'].map(measure);
    const niches = [0.25, 0.75].map((c) => ({
      center: [0.5, 0.5, c],
      lower: [0, 0, c - 0.25],
      upper: [1, 1, c + 0.25],
    }));
    expect(drawnCells({ measures, niches }).cells).toEqual([
      {
        corners: [
          [0, 0],
          [1, 1],
        ],
        niches: [0, 1],
      },
    ]);
  });
});

import { expect, it } from 'vitest';
import { chartLinks, chartRows, csvOf } from './chart-files.ts';

// RFC 4180: fields with commas, quotes or line breaks are quoted, and quotes in them are doubled.
it('writes CSV', () => {
  expect(
    csvOf([
      { a: 1, b: 'x, "y"' },
      { a: 0.5, c: null },
    ]),
  ).toBe('a,b,c\r\n1,"x, ""y""",\r\n0.5,,\r\n');
  expect(csvOf([])).toBeUndefined();
});

it('takes the rows of all layers', () => {
  const layer = [{ data: { values: [{ x: 1 }] } }, { data: { values: [{ x: 2 }] } }];
  expect(chartRows({ data: { values: [{ x: 0 }] }, layer })).toEqual([{ x: 0 }, { x: 1 }, { x: 2 }]);
});

it('gives an SVG its size and its colors', () => {
  const chart = { title: 'A "b" <c>', caption: '', spec: { data: { values: [{ x: 1 }] } } };
  const links = String(chartLinks(chart, '<svg viewBox="0 0 480 310"><g/></svg>'));
  const [svg, csv] = [...links.matchAll(/base64,([^"]*)" download="([^"]*)"/g)];
  const text = Buffer.from(svg![1]!, 'base64').toString();
  expect([svg![2], csv![2]]).toEqual(['a-b-c.svg', 'a-b-c.csv']);
  expect(text).toMatch(/^<svg viewBox="0 0 480 310" width="480" height="310"><style>svg \{[^}]*--curve-1: #/);
  expect(Buffer.from(csv![1]!, 'base64').toString()).toBe('x\r\n1\r\n');
});

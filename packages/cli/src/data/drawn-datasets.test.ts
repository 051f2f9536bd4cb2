import { drawDigits, drawThings } from '@pareidolia/core';
import { expect, it } from 'vitest';
import { drawInParts, drawnNamed } from './drawn-datasets.ts';

it.each([
  ['digits', drawDigits],
  ['things', drawThings],
] as const)('%s that are drawn in parts are those that are drawn at once', async (name, draw) => {
  const [parts, whole] = [await drawInParts(drawnNamed(name)!, 1003, 5, 17), draw(1003, 5, 17)];
  const { data, ...shape } = parts.images;
  const { data: expected, ...expectedShape } = whole.images;
  expect(Buffer.compare(data, expected)).toBe(0);
  expect({ ...parts, images: shape }).toEqual({ ...whole, images: expectedShape });
});

it('what comes meanwhile is heard, and ends the drawing', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  setImmediate(() => controller.abort(reason));
  await expect(drawInParts(drawnNamed('digits')!, 200_000, 1, 0, controller.signal)).rejects.toBe(reason);
});

it('what is fetched is not drawn', () => {
  expect(drawnNamed('mnist')).toBeUndefined();
  expect(drawnNamed('toString')).toBeUndefined();
});

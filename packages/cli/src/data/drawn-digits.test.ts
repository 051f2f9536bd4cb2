import { drawDigits } from '@pareidolia/core';
import { expect, it } from 'vitest';
import { drawDigitsInParts } from './drawn-digits.ts';

it('digits that are drawn in parts are those that are drawn at once', async () => {
  const [parts, whole] = [await drawDigitsInParts(1003, 5, 17), drawDigits(1003, 5, 17)];
  const { data, ...shape } = parts.images;
  const { data: expected, ...expectedShape } = whole.images;
  expect(Buffer.compare(data, expected)).toBe(0);
  expect({ ...parts, images: shape }).toEqual({ ...whole, images: expectedShape });
});

it('what comes meanwhile is heard, and ends the drawing', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  setImmediate(() => controller.abort(reason));
  await expect(drawDigitsInParts(200_000, 1, 0, controller.signal)).rejects.toBe(reason);
});

import { expect, it } from 'vitest';
import { type SampleLine, summarize } from './attack-summary.ts';

const LINE: SampleLine = {
  attack: 'square',
  norm: 'linf',
  epsilon: 0.1,
  index: 0,
  name: 'a.png',
  label: 1,
  target: null,
  success: false,
  initiallyWrong: false,
  predicted: 1,
  decision: null,
  confidence: null,
  distances: null,
  queries: { forward: 10, backward: 0 },
  misread: 2,
  survives8Bit: false,
  stop: 'finished',
  cut: null,
  by: null,
  file: null,
};

it('the mean of misread queries is over the images that were right, and that had them counted', () => {
  const lines = [
    LINE,
    { ...LINE, misread: 4 },
    { ...LINE, misread: null },
    { ...LINE, initiallyWrong: true, misread: 1 },
  ];
  expect(summarize(lines, 1).meanMisread).toBe(3);
  expect(summarize([{ ...LINE, misread: null }], 1).meanMisread).toBeNull();
});

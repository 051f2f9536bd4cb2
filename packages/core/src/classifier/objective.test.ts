import { describe, expect, it } from 'vitest';
import { checkObjective, type Objective, unsoundImages } from './objective.ts';

describe('objectives that do not fit', () => {
  const refused: readonly (readonly [string, Objective, RegExp])[] = [
    [
      'a class beyond the last',
      { kind: 'margin', classIndices: Int32Array.of(9, 10) },
      /is about class 10 for image 1/,
    ],
    [
      'a negative class',
      { kind: 'log-probability', classIndices: Int32Array.of(-1, 0) },
      /is about class -1 for image 0/,
    ],
    [
      'a class that is no whole number',
      { kind: 'dlr', classIndices: Float32Array.of(1, 2.5) as unknown as Int32Array },
      /is about class 2.5 for image 1; classes are whole numbers from 0 to 9/,
    ],
    ['classes for fewer images', { kind: 'dlr', classIndices: Int32Array.of(1) }, /has 1 classes for 2 images/],
    [
      'a target beyond the last class',
      { kind: 'targeted-dlr', classIndices: Int32Array.of(1, 2), targets: Int32Array.of(3, 10) },
      /is about class 10 for image 1/,
    ],
    [
      'targets for fewer images',
      { kind: 'targeted-dlr', classIndices: Int32Array.of(1, 2), targets: Int32Array.of(3) },
      /has 1 targets for 2 images/,
    ],
    ['too few weights', { kind: 'linear', weights: new Float32Array(19) }, /has 19 weights for 2 images.*give 20/],
    [
      'a weight that is no number',
      { kind: 'linear', weights: new Float32Array(20).fill(Number.NaN, 13, 14) },
      /has the weight NaN for class 3 of image 1/,
    ],
  ];
  it.each(refused)('%s', (_, objective, message) => {
    expect(() => checkObjective(objective, 2, 10, 'net.onnx')).toThrow(message);
    expect(() => checkObjective(objective, 2, 10, 'net.onnx')).toThrow(/^net\.onnx: the objective/);
  });

  it.each([
    ['margin', 1],
    ['dlr', 2],
    ['targeted-dlr', 3],
  ] as const)('%s with %i classes', (kind, numClasses) => {
    const classIndices = Int32Array.of(0);
    const objective: Objective = { kind, classIndices, targets: classIndices } as Objective;
    expect(() => checkObjective(objective, 1, numClasses, 'net.onnx')).toThrow(`needs ${numClasses + 1} classes`);
  });

  it('passes those that fit', () => {
    checkObjective({ kind: 'margin', classIndices: Int32Array.of(0, 9) }, 2, 10, 'net.onnx');
    checkObjective({ kind: 'linear', weights: new Float32Array(20) }, 2, 10, 'net.onnx');
    checkObjective({ kind: 'linear', weights: new Float32Array(0) }, 0, 10, 'net.onnx');
  });
});

it('names the images whose gradient is not finite', () => {
  const gradient = Float32Array.of(1, 2, 3, Number.NaN, 5, 6, 7, Number.POSITIVE_INFINITY, 9, 10);
  expect(unsoundImages({ value: Float32Array.of(1, 2, 3, 4, 5), gradient })).toEqual([1, 3]);
  expect(unsoundImages({ value: Float32Array.of(1, Number.NaN), gradient: new Float32Array(4) })).toEqual([1]);
});

import { expect, it } from 'vitest';
import { usualEmitter } from './usual.ts';

const shape = { channels: 1, height: 2, width: 2 } as const;
const scores = { shape, predict: () => Promise.reject(new Error('asked')) };
const climbable = { ...scores, origin: [0], gradient: () => Promise.reject(new Error('asked')) };

it('is the portfolio where gradients can be followed and it was measured, else the paper’s search', () => {
  expect(usualEmitter(climbable)).toBe('auto');
  expect(usualEmitter(climbable, 'direct')).toBe('auto');
  expect(usualEmitter(climbable, 'neat')).toBe('mutation');
  expect(usualEmitter(climbable, 'pixels')).toBe('mutation');
  expect(usualEmitter(scores)).toBe('mutation');
  expect(usualEmitter({ ...climbable, noGradient: 'it is far away' })).toBe('mutation');
  const quantized = { ...climbable, gradientKind: 'straight-through' } as const;
  expect(usualEmitter(quantized)).toBe('mutation');
});

import { describe, expect, it } from 'vitest';
import { type PointState, readState, writeState } from './address.ts';

const state: PointState = {
  layers: 3,
  units: 12,
  epochs: 90,
  seed: 7,
  zoom: 'far',
  points: [
    { x: 0.25, y: 0.5, class: 2 },
    { x: 1, y: 0, class: 0 },
  ],
};

describe('the state of the figure in the address', () => {
  it('reads back as it was', () => {
    expect(readState(`#boundaries${writeState(state)}`)).toEqual(state);
    const { points: _, ...plain } = state;
    expect(readState(`#boundaries${writeState(plain)}`)).toEqual(plain);
    expect(readState(`#boundaries${writeState({ ...state, points: [] })}`)).toEqual({ ...state, points: [] });
  });

  it.each([
    ['#boundaries', {}],
    ['#watch?layers=2', {}],
    ['#boundaries?layers=9&units=1.5&epochs=&seed=0&zoom=else', {}],
    ['#boundaries?units=24&points=1.2', { units: 24 }],
    ['#boundaries?points=1.2.7', {}],
    ['#boundaries?points=1001.2.1', {}],
  ])('takes of %s what can be used', (hash, expected) => {
    expect(readState(hash)).toEqual(expected);
  });
});

import { expect, it } from 'vitest';
import { tellNothingYet } from './nothing-yet.ts';

it('who asks to go on is told where there is nothing to go on from, and only then', () => {
  const said: string[] = [];
  const progress = { mention: (words: string) => void said.push(words) };
  tellNothingYet(progress, false, 'epoch', { resumed: false, out: 'runs/new' });
  tellNothingYet(progress, true, 'epoch', { resumed: true, out: 'runs/old' });
  expect(said).toEqual([]);
  tellNothingYet(progress, true, 'epoch', { resumed: false, out: 'runs/missing' });
  expect(said).toEqual(['There is no epoch to go on from in runs/missing yet: it begins now.']);
});

import { expect, it } from 'vitest';
import { TimeLeft } from './time-left.ts';

const units = [
  { key: 'a', seed: 1, kind: 'quick', weight: 1 },
  { key: 'b', seed: 1, kind: 'quick', weight: 3 },
  { key: 'c', seed: 1, kind: 'slow', weight: 4 },
] as const;
const [a, b, c] = units;

it('claims nothing before anything is timed', () => {
  expect(new TimeLeft(units, () => undefined).look(a, 0, 0)).toMatchObject({
    share: 0,
    secondsLeft: undefined,
    atLeast: true,
  });
});

it('times each kind by itself, what is finished and what is under way together', () => {
  const time = new TimeLeft(units, () => undefined);
  time.finished(a, 2);
  // 1 + 1.5 of weight took 2 + 3 seconds, so the other 1.5 take 3; of the slow kind nothing is known.
  expect(time.look(b, 0.5, 3)).toMatchObject({
    share: 2.5 / 8,
    kindDone: 2.5,
    kindTotal: 4,
    secondsLeft: 3,
    atLeast: true,
  });
  time.finished(b, 6);
  expect(time.look(c, 0.25, 10)).toMatchObject({ share: 5 / 8, secondsLeft: 30, atLeast: false });
});

it('counts units of earlier sittings', () => {
  const time = new TimeLeft(units, (key) => (key === 'a' ? 2 : undefined));
  expect(time.look(b, 0, 0)).toMatchObject({ share: 1 / 8, secondsLeft: 6, atLeast: true });
});

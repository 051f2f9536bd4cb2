import { describe, expect, it } from 'vitest';
import { Progress } from './progress.ts';

function recorder(isTTY: boolean) {
  const written: string[] = [];
  const time = { now: 0 };
  const stream = { isTTY, columns: 20, write: (text: string) => written.push(text) };
  return { written, time, progress: new Progress(stream, () => time.now) };
}

describe('progress', () => {
  it('on a terminal is one line that is written over, cut to its width, and taken away before lasting text', () => {
    const { written, time, progress } = recorder(true);
    progress.update(() => 'one');
    time.now = 50;
    progress.update(() => 'too soon');
    time.now = 150;
    progress.update(() => 'x'.repeat(50));
    progress.say('done');
    expect(written).toEqual(['\rone\x1b[K', `\r${'x'.repeat(19)}\x1b[K`, '\r\x1b[K', 'done\n']);
  });

  it('elsewhere is a plain line every five seconds', () => {
    const { written, time, progress } = recorder(false);
    for (time.now = 0; time.now <= 11_000; time.now += 1000) progress.update(() => `at ${time.now}`);
    progress.clear();
    expect(written).toEqual(['at 5000\n', 'at 10000\n']);
  });
});

import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Progress } from './progress.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function recorder(isTTY: boolean) {
  const written: string[] = [];
  const stream = Object.assign(
    new Writable({
      write: (chunk, _, done) => {
        written.push(String(chunk));
        done();
      },
    }),
    { isTTY, columns: 20 },
  );
  return { written, progress: new Progress(stream, () => performance.now()) };
}

// What a terminal does with these is known to `screen` below: save and restore the cursor, columns, erasing.
const CONTROL = new RegExp(`${String.fromCharCode(27)}(?:[78]|\\[(\\d*)([GK]))`, 'y');

/** The lines that a terminal shows after what was written to it; the cursor never leaves the last one. */
function screen(written: readonly string[]): string[] {
  const text = written.join('');
  const lines = [''];
  let column = 0;
  for (let at = 0; at < text.length; ) {
    CONTROL.lastIndex = at;
    const control = CONTROL.exec(text);
    const line = lines.at(-1)!;
    if (control !== null) {
      const [all, number, kind] = control;
      if (kind === 'G') column = Number(number || 1) - 1;
      if (kind === 'K') lines[lines.length - 1] = number === '2' ? '' : line.slice(0, column);
      at += all.length;
      continue;
    }
    const character = text[at++]!;
    if (character === '\n') {
      lines.push('');
      column = 0;
    } else {
      lines[lines.length - 1] = line.slice(0, column).padEnd(column) + character + line.slice(column + 1);
      column++;
    }
  }
  return lines;
}

describe('progress on a terminal', () => {
  it('is one line that is written over, with the latest text', () => {
    const { written, progress } = recorder(true);
    progress.update(() => 'one, and more');
    expect(screen(written)).toEqual(['one, and more']);
    progress.update(() => 'two');
    expect(screen(written)).toEqual(['one, and more']);
    vi.advanceTimersByTime(100);
    expect(screen(written)).toEqual(['two']);
  });

  it('is cut to the width, so that it never takes a second line', () => {
    const { written, progress } = recorder(true);
    progress.update(() => 'x'.repeat(50));
    expect(screen(written)).toEqual(['x'.repeat(19)]);
  });

  it('makes room for text that stays, and comes back below it', () => {
    const { written, progress } = recorder(true);
    progress.update(() => 'half');
    progress.say('saved');
    expect(screen(written)).toEqual(['saved', '']);
    progress.update(() => 'more');
    expect(screen(written)).toEqual(['saved', 'more']);
  });

  it('draws nothing more, and keeps no process alive, once it is cleared', () => {
    const { written, progress } = recorder(true);
    progress.update(() => 'half');
    progress.clear();
    expect(vi.getTimerCount()).toBe(0);
    const before = written.length;
    vi.advanceTimersByTime(10_000);
    progress.clear();
    expect(written).toHaveLength(before);
    expect(screen(written)).toEqual(['']);
  });
});

describe('progress elsewhere', () => {
  it('is a plain line every five seconds', () => {
    const { written, progress } = recorder(false);
    for (let seconds = 0; seconds <= 11; seconds++) {
      progress.update(() => `at ${seconds}`);
      vi.advanceTimersByTime(1000);
    }
    progress.clear();
    expect(written).toEqual(['at 5\n', 'at 10\n']);
  });

  it('is silent for a short task', () => {
    const { written, progress } = recorder(false);
    progress.update(() => 'half');
    progress.clear();
    expect(written).toEqual([]);
  });
});

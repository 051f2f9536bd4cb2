import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import { Tail } from './tail.ts';

const folder = mkdtempSync(join(tmpdir(), 'tail-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('gives each line once, when it is whole, and all again after the file was cut back', () => {
  const path = join(folder, 'lines');
  const tail = new Tail(path, z.number());
  expect(tail.read()).toEqual({ lines: [], anew: false });
  writeFileSync(path, '1\n2\n3');
  expect(tail.read()).toEqual({ lines: [1, 2], anew: false });
  appendFileSync(path, '4\n');
  expect(tail.read()).toEqual({ lines: [34], anew: false });
  expect(tail.read()).toEqual({ lines: [], anew: false });
  truncateSync(path, 2);
  expect(tail.read()).toEqual({ lines: [1], anew: true });
});

it('leaves what lies beyond so many bytes for later', () => {
  const path = join(folder, 'ahead');
  const tail = new Tail(path, z.number());
  writeFileSync(path, '1\n2\n3\n');
  expect(tail.read(4)).toEqual({ lines: [1, 2], anew: false });
  expect(tail.read(6)).toEqual({ lines: [3], anew: false });
});

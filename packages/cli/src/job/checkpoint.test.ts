import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { Checkpoint } from './checkpoint.ts';

const root = mkdtempSync(join(tmpdir(), 'checkpoint-'));
afterAll(() => rmSync(root, { recursive: true }));
let path: string;
let time: number;
beforeEach(() => {
  path = join(mkdtempSync(join(root, 'in-')), 'a.checkpoint');
  time = 0;
});
const open = (signal = new AbortController().signal) => new Checkpoint(path, { signal, now: () => time });

it('gives back what was written, and the time spent over all sittings', () => {
  const value = { weights: Float32Array.of(1.5, -0), step: 3, bytes: Uint8Array.of(7) };
  const first = open();
  expect([first.value, first.seconds]).toEqual([undefined, 0]);
  time = 2000;
  first.write(value);
  time = 50_000;
  const second = open();
  expect([second.value, second.seconds]).toEqual([value, 2]);
  time = 51_000;
  expect(second.seconds).toBe(3);
  second.discard();
  expect(existsSync(path)).toBe(false);
});

it('writes what is offered every 30 seconds, and always once the user has asked to stop', () => {
  const stop = new AbortController();
  const checkpoint = open(stop.signal);
  const written: number[] = [];
  const offer = (at: number): void => {
    time = at;
    checkpoint.offer(() => {
      written.push(at);
      return at;
    });
  };
  for (const at of [1000, 29_999, 30_000, 40_000, 59_999, 60_000]) offer(at);
  expect(written).toEqual([30_000, 60_000]);
  stop.abort();
  offer(60_001);
  expect(open().value).toBe(60_001);
});

it('that is damaged is refused, and names the file to delete', () => {
  open().write({ step: 3 });
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
  expect(open).toThrow(InputError);
  expect(open).toThrow(/a\.checkpoint is damaged; delete it/);
});

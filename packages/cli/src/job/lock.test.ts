import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder, workerOf } from './lock.ts';

const root = mkdtempSync(join(tmpdir(), 'lock-'));
afterAll(() => rmSync(root, { recursive: true }));
let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, 'in-'));
  lock = join(folder, 'lock');
});

/** Takes the lock and gives it back. */
function take(): void {
  lockFolder(folder)();
  expect(readdirSync(folder)).toEqual([]);
}

describe('a lock', () => {
  it('is there while a process works, and gone afterwards', () => {
    const unlock = lockFolder(folder);
    expect(readFileSync(lock, 'utf8')).toMatch(new RegExp(`^${process.pid}\n`));
    expect(readdirSync(folder)).toEqual(['lock']);
    unlock();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of a living process is respected', () => {
    writeFileSync(lock, `${process.ppid}\n`);
    expect(take).toThrow(InputError);
    expect(take).toThrow(`Process ${process.ppid} is working in ${folder}`);
    expect(workerOf(folder)).toBe(process.ppid);
  });

  it.runIf(existsSync('/proc/self/stat'))('of a dead process is taken over, though another one has its number', () => {
    // Process 1 lives, but was not started at the first tick of another boot.
    writeFileSync(lock, '1\n00000000-0000-0000-0000-000000000000 1\n');
    expect(workerOf(folder)).toBeUndefined();
    take();
  });

  it.runIf(existsSync('/proc/1/stat'))('of the same boot and start is respected', () => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync('/proc/1/stat', 'utf8');
    // Field 22 of proc(5), the second of which is the name in brackets.
    const ticks = stat.slice(stat.lastIndexOf(')')).split(' ')[20];
    writeFileSync(lock, `1\n${boot} ${ticks}\n`);
    expect(take).toThrow('Process 1 is working in');
  });

  it.each([
    ['that is empty', ''],
    ['with no number in it', 'hello\n'],
    ['of a number that no process has', '999999999\n'],
  ])('%s is taken over', (_, text) => {
    writeFileSync(lock, text);
    take();
  });

  it('that is a link is replaced, and what it leads to is left alone', () => {
    writeFileSync(join(root, 'notes.txt'), 'mine');
    symlinkSync(join(root, 'notes.txt'), lock);
    take();
    expect(readFileSync(join(root, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('that is endless is no lock', () => {
    symlinkSync('/dev/zero', lock);
    take();
  });
});

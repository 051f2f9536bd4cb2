import { execFileSync } from 'node:child_process';
import {
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openRegular, readRegular, UnfitFileError } from './regular-file.ts';

const root = mkdtempSync(join(tmpdir(), 'regular-'));
afterAll(() => rmSync(root, { recursive: true }));
const at = (name: string): string => join(root, name);
writeFileSync(at('notes.txt'), 'mine');

describe('a file is read', () => {
  it('as far as its limit, and not beyond', () => {
    writeFileSync(at('ten'), Buffer.from('0123456789'));
    expect(readRegular(at('ten'), 10).toString()).toBe('0123456789');
    expect(() => readRegular(at('ten'), 9)).toThrow(UnfitFileError);
  });
  it.runIf(existsSync('/proc/self/status'))('though it does not say how long it is', () => {
    expect(readRegular('/proc/self/status', 2 ** 20).toString()).toContain(`Pid:\t${process.pid}`);
  });
  it('through a link only where links are followed', () => {
    symlinkSync(at('notes.txt'), at('link'));
    expect(() => readRegular(at('link'), 100)).toThrow('it is a symbolic link');
    expect(readRegular(at('link'), 100, { follow: true }).toString()).toBe('mine');
  });
});

describe.skipIf(process.platform === 'win32')('what is no file is refused at once:', () => {
  it.each([true, false])('a pipe that nobody writes to (links followed: %s)', (follow) => {
    const path = at(`pipe-${follow}`);
    execFileSync('mkfifo', [path]);
    expect(() => readRegular(path, 100, { follow })).toThrow('it is a named pipe');
    expect(() => openRegular(path, constants.O_WRONLY, { follow })).toThrow('it is a named pipe');
  });
  it('a device', () => expect(() => readRegular('/dev/zero', 100)).toThrow('it is a device'));
  it('a device behind a link', () => {
    symlinkSync('/dev/zero', at('zero'));
    expect(() => readRegular(at('zero'), 100, { follow: true })).toThrow('it is a device');
  });
  it('a folder', () => {
    mkdirSync(at('folder'));
    expect(() => readRegular(at('folder'), 100)).toThrow('it is a folder');
    expect(() => openRegular(at('folder'), constants.O_RDWR)).toThrow('it is a folder');
  });
});

it('a file with a second name is not opened to be changed in place', () => {
  linkSync(at('notes.txt'), at('other-name'));
  expect(() => openRegular(at('other-name'), constants.O_RDWR, { alone: true })).toThrow('a second name');
  expect(readFileSync(at('notes.txt'), 'utf8')).toBe('mine');
});

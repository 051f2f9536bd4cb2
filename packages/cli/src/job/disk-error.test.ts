import { constants } from 'node:os';
import { InputError } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { DiskError, DiskFullError, guard, systemCode } from './disk-error.ts';

/** As Node throws it. */
function thrown(code: string, errno: number): () => never {
  return () => {
    throw Object.assign(new Error(`${code}: something, write`), { code, errno, syscall: 'write' });
  };
}
const { errno } = constants;

describe('an error of the disk is one sentence:', () => {
  it.each([
    ['ENOSPC', errno.ENOSPC, DiskFullError, 'The disk is full: run/a could not be written (ENOSPC); free some space'],
    [
      'EIO',
      errno.EIO,
      DiskError,
      'The disk reports an input/output error: run/a could not be written (EIO); check the disk',
    ],
    ['EROFS', errno.EROFS, DiskError, 'The disk is read-only: run/a could not be written (EROFS); mount it writable'],
    ['ESTALE', errno.ESTALE, DiskError, 'The network folder is gone (stale file handle): run/a could not be written'],
    ['EFBIG', errno.EFBIG, DiskError, 'The file is too large for this disk'],
    ['ENOTEMPTY', errno.ENOTEMPTY, DiskError, 'The system says "directory not empty": run/a could not be written'],
  ])('%s', (code, number, kind, message) => {
    const action = (): unknown => guard('run/a', thrown(code, -number));
    expect(action).toThrow(kind);
    expect(action).toThrow(message);
  });

  it.runIf(errno.EDQUOT !== undefined)('EDQUOT, which Node has no name for', () => {
    const code = `Unknown system error ${-errno.EDQUOT}`;
    expect(() => guard('a', thrown(code, -errno.EDQUOT))).toThrow(DiskFullError);
    expect(() => guard('a', thrown(code, -errno.EDQUOT))).toThrow(
      'your quota is used up: a could not be written (EDQUOT)',
    );
  });

  it('a place that is closed to the user is bad input', () => {
    expect(() => guard('a', thrown('EACCES', -errno.EACCES))).toThrow(InputError);
  });
});

it('faults of the program stay what they are', () => {
  expect(() => guard('a', thrown('EBADF', -errno.EBADF))).toThrow('EBADF: something, write');
  expect(systemCode(new TypeError('no'))).toBeUndefined();
});

it('the command that goes on is told behind the error', () => {
  const error = new DiskFullError('The disk is full').before('npx pareidolia fool --resume --out a');
  expect(error).toBeInstanceOf(DiskFullError);
  expect(error.message).toBe(
    'The disk is full; what was saved before is good, and goes on with: npx pareidolia fool --resume --out a',
  );
});

/** @file The clients of Redis and PostgreSQL, which whoever has a queue installs. */

import { InputError } from '@pareidolia/core';

/** @throws InputError where the package is not installed */
export async function loadIoredis(): Promise<Pick<typeof import('ioredis'), 'Redis'>> {
  try {
    return await import('ioredis');
  } catch (cause) {
    throw missing('ioredis', 'Redis', cause);
  }
}

/** @throws InputError where the package is not installed */
export async function loadPg(): Promise<Pick<typeof import('pg'), 'Pool'>> {
  try {
    return await import('pg');
  } catch (cause) {
    throw missing('pg', 'PostgreSQL', cause);
  }
}

function missing(name: string, server: string, cause: unknown): InputError {
  return new InputError(
    `A queue in ${server} needs the package ${name}, which is not installed; run: npm install ${name}`,
    { cause },
  );
}

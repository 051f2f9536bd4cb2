import { defineConfig } from 'vitest/config';

// Inside the tests the packages meet as sources (the `@pareidolia/source` condition of their exports); what starts a process
// or a worker thread runs the build, which `npm test` makes first.
export default defineConfig({
  resolve: { conditions: ['@pareidolia/source'] },
  ssr: { resolve: { conditions: ['@pareidolia/source'] } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          // These packages know nothing of files, servers or the process: what one test file loads can stay for the next one. To
          // load it anew for each takes a second of work.
          name: 'algorithms',
          include: ['packages/{autodiff,core,lab}/src/**/*.test.ts'],
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'programs', include: ['packages/{studio,cli}/src/**/*.test.ts', 'tests/**/*.test.ts'] },
      },
    ],
    // No test fails because the machine is slow or busy: what waits, waits for a condition, and gives up when that cannot come
    // any more.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 240_000 } },
    // By default one core is left free, which is half of two.
    maxWorkers: '100%',
    reporters: ['default', './tests/support/slowest-files.ts'],
  },
});

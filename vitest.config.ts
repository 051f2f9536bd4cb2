import { defineConfig } from 'vitest/config';

// Inside the tests the packages meet as sources (the `@pareidolia/source` condition of their exports); what starts a process
// or a worker thread runs the build, which `npm test` makes first.
export default defineConfig({
  resolve: { conditions: ['@pareidolia/source'] },
  ssr: { resolve: { conditions: ['@pareidolia/source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts'],
    testTimeout: 60_000,
    // By default one core is left free, which is half of two.
    maxWorkers: '100%',
  },
});

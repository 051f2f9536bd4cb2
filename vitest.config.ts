import { defineConfig } from 'vitest/config';

// Inside the tests the packages meet as sources (the `@pareidolia/source` condition of their exports); what starts a process
// or a worker thread runs the build, which `npm test` makes first.
export default defineConfig({
  resolve: { conditions: ['@pareidolia/source'] },
  ssr: { resolve: { conditions: ['@pareidolia/source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts'],
    // No test fails because the machine is slow or busy: what waits, waits for a condition, and gives up when it cannot come any more.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 240_000 } },
    // By default one core is left free, which is half of two.
    maxWorkers: '100%',
    // What a test file loads stays for the next one: to load the sources anew for each took a third of all the time.
    isolate: false,
  },
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { fuzzModels } from '../fuzz/fuzz-models.mjs';
import { LimitedProcess, type Outcome } from '../packages/cli/dist/vetting/limited-process.js';

/** Five seconds of processor time, as docs/security.md promises. */
const LIMITS = { seconds: 5, bytes: 4 * 2 ** 30, wait: 120 };
const WORKER = fileURLToPath(new URL('../fuzz/load-model.mjs', import.meta.url));

const data = process.env.PAREIDOLIA_DATA ?? join(process.cwd(), '..', 'shared', 'data');
const folder = join(data, '..', 'cases', 'hostile');
const models = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.onnx')) : [];

/** Divisions of whole numbers by a divisor that traps for some images only: guarded, so that the model runs. */
const RUNS = new Set(['sigfpe-pixelintmin.onnx']);

describe.skipIf(models.length === 0)('hostile models of shared/cases, each in a process of its own', () => {
  const child = new LimitedProcess(WORKER);
  afterAll(() => child.dispose());

  it.each(models)(
    '%s',
    async (name) => {
      const outcome = await child.run(new Uint8Array(readFileSync(join(folder, name))), LIMITS);
      expect(toldBy(outcome)).toEqual(
        RUNS.has(name)
          ? { kind: 'loaded' }
          : // One sentence on one line, with the name of the model or of the runtime in front.
            { kind: 'refused', message: expect.stringMatching(/^[^\p{Cc}]{20,1200}$/u) },
      );
    },
    2 * 1000 * LIMITS.wait,
  );
});

/** What the process answered; how it ended where it did not. */
function toldBy(outcome: Outcome): unknown {
  return outcome.kind === 'answer' ? outcome.value : outcome;
}

describe('models changed at random', () => {
  it('are loaded or refused with a sentence', async () => {
    const seed = Number(process.env.PAREIDOLIA_FUZZ_SEED ?? Date.now() % 2 ** 31);
    const count = Number(process.env.PAREIDOLIA_FUZZ_COUNT ?? (process.env.PAREIDOLIA_LONG === '1' ? 2000 : 400));
    console.log(`${count} changed models of seed ${seed}`);
    const { kinds, escapes } = await fuzzModels({ seed, count, limits: LIMITS });
    expect(escapes).toEqual([]);
    expect((kinds.refused ?? 0) + (kinds.loaded ?? 0)).toBe(count);
    // Otherwise nothing but the reading of files would be tried.
    expect(kinds.loaded ?? 0).toBeGreaterThan(count / 20);
  }, 900_000);
});

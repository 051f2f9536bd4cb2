import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveStudio } from '../../packages/cli/src/server/studio-server.ts';
import { accessibilityFaults, fitsWidth, HAS_BROWSER, launch, openPage } from './browser.ts';

const PROGRAM = new URL('../../packages/cli/bin/pareidolia.js', import.meta.url).pathname;

interface EpochLine {
  readonly epoch: number;
  readonly discriminatorLoss: number;
}

describe.skipIf(!HAS_BROWSER)('the training of a generator in the room Watch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'training-'));
  const processes: ChildProcess[] = [];
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    for (const child of processes) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('is followed while a command works in it, and its generator can be walked through', async () => {
    const out = join(folder, 'runs', 'digits');
    const options = ['--data', 'digits', '--architecture', 'mlp', '--latent', '8', '--width', '16', '--epochs', '2'];
    const child = spawn(process.execPath, [PROGRAM, 'train', 'gan', ...options, '--out', out], { stdio: 'ignore' });
    processes.push(child);
    const lines = (): EpochLine[] =>
      existsSync(join(out, 'epochs.jsonl'))
        ? readFileSync(join(out, 'epochs.jsonl'), 'utf8')
            .trim()
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line))
        : [];
    await expect.poll(() => lines().length, { timeout: 120_000, interval: 100 }).toBeGreaterThan(0);

    const request = { host: '127.0.0.1', port: 0, threads: 1, device: 'cpu', token: 'c'.repeat(43) } as const;
    const studio = await serveStudio({ ...request, runs: join(folder, 'runs') });
    const page = await openPage(browser, studio.url, { reducedMotion: 'reduce' });
    // It is the only run that there is.
    await page.getByTestId('epoch').waitFor();
    await expect.poll(() => page.getByTestId('epoch').textContent(), { timeout: 120_000 }).toBe('2 of 2');
    const samples = page.getByRole('img', { name: 'Images that the generator makes after epoch 2' });
    await samples.waitFor();
    // The picture could be read.
    await expect.poll(() => samples.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);
    const last = lines().at(-1)!;
    await page
      .getByRole('img', { name: `Losses after epoch 2: discriminator ${last.discriminatorLoss.toFixed(2)}` })
      .waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    await fitsWidth(page, 360);

    await page.getByRole('button', { name: 'Walk in its latents' }).click({ timeout: 60_000 });
    await page
      .getByTestId('generator-notes')
      .getByText(/digits-generator\.onnx is a generator, since its card says so: 8 numbers of N\(0, 1\) in/)
      .waitFor();
    await page.getByRole('img', { name: 'The image at the cursor' }).waitFor();
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
    await studio.close();
  }, 300_000);
});

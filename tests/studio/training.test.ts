import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
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

  /** Pictures of 8 x 8 of two greys each, as many as are taken at least with those that are held out. */
  async function pictures(): Promise<string> {
    const data = join(folder, 'pictures');
    mkdirSync(data);
    for (let i = 0; i < 240; i++) {
      const pixels = Uint8Array.from({ length: 64 }, (_, at) => (at % 8 < 4 ? i : 255 - i));
      await sharp(pixels, { raw: { width: 8, height: 8, channels: 1 } })
        .png()
        .toFile(join(data, `${i}.png`));
    }
    return data;
  }

  function train(data: string, out: string, epochs: number, what: 'gan' | 'vae' = 'gan'): ChildProcess {
    const size = ['--data', data, '--size', '8', '--architecture', 'mlp', '--latent', '8', '--width', '16'];
    const options = [...size, '--batch', '32', '--epochs', String(epochs), '--out', out];
    const child = spawn(process.execPath, [PROGRAM, 'train', what, ...options], { stdio: 'ignore' });
    processes.push(child);
    return child;
  }

  const linesOf = (out: string): EpochLine[] =>
    existsSync(join(out, 'epochs.jsonl'))
      ? readFileSync(join(out, 'epochs.jsonl'), 'utf8')
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line))
      : [];

  it('is followed while a command works in it, and a generator that came of one can be walked through', async () => {
    const data = await pictures();
    const runs = join(folder, 'runs');
    const [done, going] = [join(runs, 'done'), join(runs, 'going')];
    const first = train(data, done, 2);
    expect(await new Promise((resolve) => first.on('exit', resolve))).toBe(0);
    const second = train(data, going, 100_000);
    await expect.poll(() => linesOf(going).length, { interval: 50 }).toBeGreaterThan(0);

    const request = { host: '127.0.0.1', port: 0, threads: 1, device: 'cpu', token: 'c'.repeat(43) } as const;
    const studio = await serveStudio({ ...request, runs, run: going });
    const page = await openPage(browser, studio.url, { reducedMotion: 'reduce' });
    const epoch = page.getByTestId('epoch');
    await page.getByText('running in another process, epoch').waitFor();
    const before = Number.parseInt((await epoch.textContent()) ?? '', 10);
    // It goes on by itself, and the samples with it.
    await expect.poll(async () => Number.parseInt((await epoch.textContent()) ?? '', 10)).toBeGreaterThan(before);
    const walk = page.getByRole('button', { name: 'Walk in its latents' });
    expect(await walk.isDisabled()).toBe(true);
    second.kill('SIGINT');
    await page.getByText('stopped, epoch').waitFor();

    // What is shown is what stands in the folder.
    const last = linesOf(going).at(-1)!;
    const samples = page.getByRole('img', { name: `Images that the generator makes after epoch ${last.epoch}` });
    await samples.waitFor();
    await expect.poll(() => samples.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(50);
    const loss = last.discriminatorLoss.toFixed(2);
    await page.getByRole('img', { name: `Losses after epoch ${last.epoch}: discriminator ${loss}` }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    await fitsWidth(page, 360);

    await page.getByRole('combobox', { name: /^Run/ }).selectOption('training done');
    await page.getByText('finished, epoch').waitFor();
    await walk.click();
    await page
      .getByTestId('generator-notes')
      .getByText(/done-generator\.onnx is a generator, since its card says so: 8 numbers of N\(0, 1\) in/)
      .waitFor();
    await page.getByRole('img', { name: 'The image at the cursor' }).waitFor();
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
    await studio.close();
  });

  it('of an autoencoder is shown with its own figures, and its decoder can be walked through', async () => {
    const runs = join(folder, 'vae');
    const child = train(join(folder, 'pictures'), join(runs, 'one'), 2, 'vae');
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
    const request = { host: '127.0.0.1', port: 0, threads: 1, device: 'cpu', token: 'c'.repeat(43) } as const;
    const studio = await serveStudio({ ...request, runs: join(folder, 'others'), run: join(runs, 'one') });
    const page = await openPage(browser, studio.url, { reducedMotion: 'reduce' });
    await page.getByText('finished, epoch').waitFor();
    const line = readFileSync(join(runs, 'one', 'epochs.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .at(-1)!;
    const { loss, reconstruction, divergence } = JSON.parse(line);
    const digits = loss >= 100 ? 0 : 2;
    await page
      .getByRole('img', {
        name: `Loss in nats an image after epoch 2: both together ${loss.toFixed(digits)}, of the image ${reconstruction.toFixed(digits)}`,
      })
      .waitFor();
    await page
      .getByRole('img', { name: new RegExp(`^Divergence .* after epoch 2: an image ${divergence.toFixed(2)}`) })
      .waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Walk in its latents' }).click();
    await page.getByRole('img', { name: 'The image at the cursor' }).waitFor();
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
    await studio.close();
  });

  it('that collapses is told so, with what helps', async () => {
    const out = join(folder, 'collapsed', 'gan');
    const config = JSON.parse(readFileSync(join(folder, 'runs', 'done', 'config.json'), 'utf8'));
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'config.json'), JSON.stringify(config));
    const line = { step: 1, discriminatorLoss: 0.1, generatorLoss: 3, realRight: 0.9, fakeRight: 0.9, seconds: 1 };
    // Two epochs in a row below a diversity of 0.2.
    const lines = [0.5, 0.1, 0.05].map((diversity, i) => JSON.stringify({ ...line, epoch: i + 1, diversity }));
    writeFileSync(join(out, 'epochs.jsonl'), `${lines.join('\n')}\n`);
    const request = { host: '127.0.0.1', port: 0, threads: 1, device: 'cpu', token: 'c'.repeat(43) } as const;
    const studio = await serveStudio({ ...request, runs: join(folder, 'collapsed') });
    const page = await openPage(browser, studio.url);
    await page
      .getByRole('alert')
      .getByText(/^The generator has collapsed, or has hardly learned yet: its images are all but the same/)
      .waitFor();
    expect(await page.getByRole('img', { name: /^Diversity after epoch 3: .* 0\.05$/ }).count()).toBe(1);
    await page.context().close();
    await studio.close();
  });
});

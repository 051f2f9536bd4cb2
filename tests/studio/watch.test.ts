import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import { Random } from '@pareidolia/core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accessibilityFaults,
  fitsWidth,
  frames,
  HAS_BROWSER,
  hostSite,
  launch,
  openPage,
  type Site,
} from './browser.ts';

/** A network without hidden layers for color images of 8 x 8, of a thousand classes. */
function thousandClasses(): Uint8Array {
  const random = Random.stream(1, 1);
  const [inputs, classes] = [3 * 8 * 8, 1000];
  const b = new GraphBuilder();
  b.input('image', 'float32', ['N', 3, 8, 8]);
  const weights = Float32Array.from({ length: inputs * classes }, () => random.normal());
  const product = b.op('MatMul', [
    b.op('Flatten', ['image'], { axis: 1 }),
    b.constant({ type: 'float32', dims: [inputs, classes], data: weights }),
  ]);
  b.output(b.op('Softmax', [product], { axis: 1 }, 'scores'));
  return writeModel(b.build());
}

describe.skipIf(!HAS_BROWSER)('the room Watch, engine in the page', () => {
  let browser: Browser;
  let site: Site;
  let folder: string;
  beforeAll(async () => {
    [browser, site, folder] = await Promise.all([launch(), hostSite(), mkdtemp(join(tmpdir(), 'watch-'))]);
  });
  afterAll(async () => {
    await browser.close();
    site.server.close();
    await rm(folder, { recursive: true });
  });

  it('a search fills the grid, brings the median to 99.99 %, and can be paused and resumed', async () => {
    const page = await openPage(browser, `${site.url}#watch`);
    // It does not end before it is paused.
    await page.getByLabel('Generations').fill('1000000');
    await page.getByRole('button', { name: 'Start' }).click();
    const median = page.getByTestId('median');
    await page.waitForFunction(() => {
      const text = document.querySelector('[data-testid=median]')?.textContent ?? '';
      return Number.parseFloat(text) >= 99.99;
    });
    const tiles = page.getByRole('group', { name: 'Classes' }).getByRole('button');
    // They come into the page row by row.
    await expect.poll(() => tiles.count()).toBe(10);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    const generation = page.getByTestId('generation');
    const before = await generation.textContent();
    await frames(page, 20);
    expect(await generation.textContent()).toBe(before);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.waitForFunction(
      (text) => document.querySelector('[data-testid=generation]')?.textContent !== text,
      before,
    );
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(Number.parseFloat((await median.textContent()) ?? '')).toBeGreaterThanOrEqual(99.99);
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });

  it('an elite shows what the network sees in it and its ancestors up to itself; all by keyboard', async () => {
    const page = await openPage(browser, `${site.url}#watch`, { colorScheme: 'dark', reducedMotion: 'reduce' });
    await page.getByLabel('Generations').fill('40');
    await page.getByLabel('Classes', { exact: true }).fill('0-4, 7');
    await page.getByRole('button', { name: 'Start' }).press('Enter');
    await page.getByText('40 of 40').waitFor();
    expect(await page.getByTestId('done').textContent()).toBe('100.0 %');
    const tiles = page.getByRole('group', { name: 'Classes' }).getByRole('button');
    await expect.poll(() => tiles.count()).toBe(6);
    const first = tiles.first();
    await first.focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter']) {
      await page.keyboard.press(key);
      await frames(page, 2);
    }
    const article = page.getByRole('article', { name: 'Elite of class 3' });
    await article.waitFor();
    // The likeliest class in the list is the one that the picture was made for, with the figure of the grid.
    const grid = await page.getByRole('button', { name: /^3 / }).textContent();
    const figure = /[\d.]+\u00a0%/.exec(grid ?? '')?.[0];
    expect(await article.getByText(figure ?? '', { exact: false }).count()).toBeGreaterThan(1);
    const ancestors = await article
      .getByRole('list', { name: 'Ancestors, the first one first' })
      .getByRole('listitem')
      .all();
    expect(ancestors.length).toBeGreaterThan(1);
    expect(await ancestors[0]!.textContent()).toContain('gen. 0');
    expect(await ancestors.at(-1)!.textContent()).toContain(figure);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    await fitsWidth(page, 360);
    await page.getByLabel('Large type').check();
    await fitsWidth(page, 360);
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });

  it('a thousand classes: a network of one own is opened, and only the classes that can be seen are in the page', async () => {
    const file = join(folder, 'thousand.onnx');
    writeFileSync(file, thousandClasses());
    const page = await openPage(browser, `${site.url}#watch`);
    await page.getByLabel('Bring your own').setInputFiles(file);
    await page.locator('header select').getByText('thousand.onnx').waitFor({ state: 'attached' });
    await page.getByLabel('Generations').fill('12');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText('12 of 12').waitFor();
    const tiles = page.getByRole('group', { name: 'Classes' }).getByRole('button');
    expect(await tiles.count()).toBeLessThan(200);
    await page.getByRole('group', { name: 'Classes' }).evaluate((grid) => {
      grid.scrollTop = grid.scrollHeight;
    });
    // Images of 8 x 8 are not taken for ImageNet.s.
    await page.getByRole('button', { name: /^class 999/ }).waitFor();
    await page
      .getByRole('button', { name: /^class 999/ })
      .locator('canvas')
      .waitFor();
    await page.getByLabel('Find a class').fill('777');
    await page.getByText('1 classes').waitFor();
    await expect.poll(() => tiles.allTextContents()).toEqual([expect.stringContaining('class 777')]);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });

  it.each([
    ['paper.pdf', Buffer.from('%PDF-1.7\n'), 'paper.pdf is a PDF document, not an ONNX network'],
    ['noise.onnx', Buffer.alloc(5000, 7), 'noise.onnx'],
    ['empty.onnx', Buffer.alloc(0), 'empty.onnx is empty; choose an ONNX file'],
  ])('%s is refused in one sentence, and nothing else changes', async (name, buffer, sentence) => {
    const page = await openPage(browser, `${site.url}#watch`);
    await page.getByRole('button', { name: 'Start' }).waitFor();
    await page.getByLabel('Bring your own').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
    await page.getByRole('alert').getByText(sentence).waitFor();
    expect(await page.locator('header select option').allTextContents()).toEqual([
      'lenet-digits.onnx',
      'cnn-things.onnx',
    ]);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(page.complaints.errors).toEqual([]);
    await page.context().close();
  });

  it('a file of 2 GB is refused before it is read', async () => {
    const page = await openPage(browser, `${site.url}#watch`);
    await page.getByRole('button', { name: 'Start' }).waitFor();
    // A file that claims its size; nobody may ask for its contents.
    await page.evaluate(() => {
      const file = new File(['x'], 'huge.onnx');
      Object.defineProperty(file, 'size', { value: 2 * 1024 ** 3 });
      Object.defineProperty(file, 'arrayBuffer', {
        value: () => {
          throw new Error('read');
        },
      });
      const event = new DragEvent('drop', { bubbles: true, cancelable: true });
      Object.defineProperty(event, 'dataTransfer', { value: { files: [file] } });
      document.body.dispatchEvent(event);
    });
    await page.getByRole('alert').getByText('huge.onnx is larger than the 512 MB').waitFor();
    await page.context().close();
  });

  it('works offline after the first load, and then with several threads', async () => {
    const page = await openPage(browser, site.url);
    await page.getByRole('button', { name: 'Start' }).waitFor();
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await page.context().setOffline(true);
    await page.reload();
    // The rate is told as long as a search is at work.
    await page.getByLabel('Generations').fill('1000000');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByTestId('rate').waitFor();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await page.getByTestId('engine').textContent()).toMatch(/in this page, \d+ threads/);
    await page.context().close();
  });
});

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cppnEncoding, fromCppnDocument } from '@pareidolia/core';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults, fitsWidth, HAS_BROWSER, hostSite, launch, openPage, type Site } from './browser.ts';

describe.skipIf(!HAS_BROWSER)('the room Breed', () => {
  let browser: Browser;
  let site: Site;
  let folder: string;
  beforeAll(async () => {
    [browser, site, folder] = await Promise.all([launch(), hostSite(), mkdtemp(join(tmpdir(), 'breed-'))]);
  });
  afterAll(async () => {
    await browser.close();
    site.server.close();
    await rm(folder, { recursive: true });
  });

  it('what was kept is saved as a page, with the ancestors of each image', async () => {
    const page = await openPage(browser, `${site.url}#breed`, { reducedMotion: 'reduce' });
    const children = page.getByRole('list', { name: 'Children' }).getByRole('button', { name: /^Image/ });
    await children.nth(14).waitFor();
    for (const pick of [2, 5]) {
      await children.nth(pick).click();
      await page.getByTestId('next').click();
      await page.getByRole('button', { name: pick === 2 ? /^Step 2,/ : /^Step 3,/ }).waitFor();
    }
    await page.getByRole('button', { name: 'Look closer at image 1', exact: true }).click();
    await page.getByRole('button', { name: 'Keep', exact: true }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as a page' }).click(),
    ]);
    const seen = (await children.first().getAttribute('aria-label'))!.replace(/^Image 1, /, '');
    const saved = join(folder, 'bred.html');
    await file.saveAs(saved);
    const gallery = await openPage(browser, `file://${saved}`, { viewport: { width: 360, height: 740 } });
    await gallery.getByText('after 2 generations').waitFor();
    const [name] = seen.split(' with ');
    expect(await gallery.getByRole('heading', { level: 2 }).textContent()).toMatch(new RegExp(`^${name} `));
    const ancestors = gallery.getByRole('list', { name: 'Ancestors, the oldest first' }).getByRole('img');
    expect(await ancestors.count()).toBe(2);
    for (const picture of await gallery.getByRole('img').all()) {
      // They are loaded when they come near the window, after the page itself.
      await picture.scrollIntoViewIfNeeded();
      await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(20);
    }
    await fitsWidth(gallery, 360);
    expect(await accessibilityFaults(gallery)).toEqual([]);
    await gallery.context().close();
    await page.context().close();
  });

  it('towards a goal: by eye, by the network in turn, and it is said when an image is certain and does not resemble', async () => {
    const page = await openPage(browser, `${site.url}#breed`, { reducedMotion: 'reduce' });
    const children = page.getByRole('list', { name: 'Children' }).locator('> li');
    await children.nth(14).waitFor();
    const said = page.getByTestId('goal');
    await page.getByLabel('Make an image that is taken for').selectOption({ label: '1' });
    await said.getByText('The next generation is measured by it').waitFor();
    await children
      .first()
      .getByRole('button', { name: /^Image 1/ })
      .click();
    await page.getByTestId('next').click();
    await said.getByText(/^\s*(Best so far|Reached)/).waitFor();
    const share = (text: string): number => Number.parseFloat(/[\d.]+/.exec(text)![0]);
    // What is said is the best of the images that do not resemble a 1, in percent.
    const goals = (): Promise<{ confidence: number; resembles: boolean }[]> =>
      children.evaluateAll((list) =>
        list.map(({ dataset }) => ({ confidence: Number(dataset.goal), resembles: dataset.resembles === 'true' })),
      );
    const unlike = (await goals()).filter(({ resembles }) => !resembles).map(({ confidence }) => confidence);
    expect((await goals()).length).toBe(15);
    if (unlike.length > 0) {
      const best = 100 * Math.max(...unlike);
      expect(Math.abs(share((await said.textContent())!) - best)).toBeLessThanOrEqual(0.05 * best + 1e-3);
    }

    // Any image that does not resemble a 1 is better than one that does.
    const before = unlike.length > 0 ? share((await said.textContent())!) : 0;
    await page.getByRole('button', { name: 'Let the network pick for 12 rounds' }).click();
    const steps = page.getByRole('region', { name: 'History' }).getByRole('button');
    await steps.nth(2).waitFor();
    expect(share((await said.textContent())!)).toBeGreaterThanOrEqual(before);
    // The best of all rounds, the best one first.
    const after = (await goals()).filter(({ resembles }) => !resembles).map(({ confidence }) => confidence);
    expect(after).toEqual([...after].sort((a, b) => b - a));
    expect(await steps.nth(2).getAttribute('aria-label')).toBe('Step 3, picked by the network');
    expect(await accessibilityFaults(page)).toEqual([]);

    await page.getByRole('button', { name: 'Look closer at image 1', exact: true }).click();
    await page.getByRole('button', { name: 'Keep', exact: true }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as a page' }).click(),
    ]);
    const saved = join(folder, 'by-network.html');
    await file.saveAs(saved);
    const gallery = readFileSync(saved, 'utf8');
    expect(gallery).toContain('One image, bred by eye and by the network.');
    expect(gallery).toContain('after 2 steps, 1 of them by the network');
    await page.setViewportSize({ width: 360, height: 740 });
    await fitsWidth(page, 360);
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });

  it('children are picked and bred by keyboard, and the history is a tree one can walk back in', async () => {
    const page = await openPage(browser, `${site.url}#breed`, { reducedMotion: 'reduce' });
    const children = page.getByRole('list', { name: 'Children' }).getByRole('button', { name: /^Image/ });
    await children.nth(14).waitFor();
    expect(await children.count()).toBe(15);
    const labels = (): Promise<string[]> =>
      children.evaluateAll((list) => list.map((one) => one.getAttribute('aria-label') ?? ''));
    const first = await labels();

    await children.first().focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    expect(await page.getByTestId('next').textContent()).toContain('from 2');
    await page.keyboard.press('Enter');
    const steps = page.getByRole('region', { name: 'History' }).getByRole('button');
    await steps.nth(1).waitFor();
    expect(await steps.nth(1).getAttribute('aria-label')).toBe('Step 2, from 2 picked');
    // The keyboard is still among the children.
    await page.keyboard.press('Space');
    expect(await page.getByTestId('next').textContent()).toContain('from 1');

    await page.getByRole('button', { name: 'Undo' }).click();
    expect(await labels()).toEqual(first);
    await children.nth(5).click();
    await page.getByTestId('next').click();
    await steps.nth(2).waitFor();
    // Two steps come from the first one: a branch, in a row of its own.
    const [a, b] = [await steps.nth(1).boundingBox(), await steps.nth(2).boundingBox()];
    expect(a!.x).toBeCloseTo(b!.x, 0);
    expect(b!.y).toBeGreaterThan(a!.y + 20);
    await steps.first().click();
    expect(await labels()).toEqual(first);

    const sees = page.getByRole('list', { name: 'Children' }).locator('ol');
    expect(await sees.count()).toBe(15);
    await page.getByLabel('Hide what the network sees').check();
    expect(await sees.count()).toBe(0);
    expect((await labels())[0]).toBe('Image 1');
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });

  it('an image is saved at 4096 pixels with its genome, and opens again from the file', async () => {
    const page = await openPage(browser, `${site.url}#breed`);
    await page.getByRole('button', { name: 'Look closer at image 3' }).click();
    const article = page.getByRole('article', { name: 'One image, closer' });
    await article.getByText(/hidden nodes?, \d+ links/).waitFor();
    await article.getByLabel('Longer side').selectOption('4096');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      article.getByRole('button', { name: 'Save PNG' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/-4096x4096\.png$/);
    const file = join(folder, 'bred.png');
    await download.saveAs(file);

    // Another program reads the pixels, and the genome in the file draws the very same.
    const { data, info } = await sharp(file).toColorspace('b-w').raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([4096, 4096, 1]);
    const text = readFileSync(file).toString('latin1');
    const document = /pareidolia-cppn\0(\{.*?\}\]\})/s.exec(text)?.[1];
    const genome = fromCppnDocument(JSON.parse(document ?? ''));
    const planes = new Uint8Array(4096 * 4096);
    cppnEncoding({ channels: 1, height: 4096, width: 4096 }).render([genome], planes);
    expect(Buffer.compare(data, Buffer.from(planes))).toBe(0);

    await page.getByLabel('Open a saved one').setInputFiles(file);
    const steps = page.getByRole('region', { name: 'History' }).getByRole('button');
    await steps.nth(1).waitFor();
    expect(await steps.nth(1).getAttribute('aria-label')).toBe('Step 2, from 1 picked');
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });

  it('files without a genome are refused in a sentence', async () => {
    const page = await openPage(browser, `${site.url}#breed`);
    const input = page.getByLabel('Open a saved one');
    await input.waitFor({ state: 'attached' });
    const plain = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    await input.setInputFiles({ name: 'red.png', mimeType: 'image/png', buffer: plain });
    await page.getByRole('alert').getByText('red.png is an image without a genome in it').waitFor();
    await input.setInputFiles({ name: 'paper.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7') });
    await page.getByRole('alert').getByText('paper.pdf is neither a PNG nor a JSON file with a genome').waitFor();
    const hue = {
      format: 'pareidolia-cppn',
      version: 1,
      nodes: ['hue', 'saturation', 'value'].map((name) => ({ name, function: 'sine', from: { x: 1 } })),
    };
    await input.setInputFiles({
      name: 'hue.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(hue)),
    });
    await page.getByRole('alert').getByText('hue.json makes color images, lenet-digits.onnx takes grey ones').waitFor();
    await page.context().close();
  });

  it('begins with an elite of a run, and is open to everybody', async () => {
    const page = await openPage(browser, `${site.url}#watch`, { colorScheme: 'dark' });
    await page.getByLabel('Generations').fill('20');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText('20 of 20').waitFor();
    await page.getByRole('button', { name: /^7 / }).click();
    await page.getByRole('button', { name: 'Breed from it' }).click();
    await page
      .getByRole('list', { name: 'Children' })
      .getByRole('button', { name: /^Image 15/ })
      .waitFor();
    // It begins with the elite and with nothing else: one step is no history.
    expect(await page.getByRole('region', { name: 'History' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Look closer at image 1', exact: true }).click();
    await page.getByRole('button', { name: 'Keep', exact: true }).click();
    await page
      .getByRole('region', { name: 'Kept images' })
      .getByRole('button', { name: 'Drop kept image 1' })
      .waitFor();
    await page
      .getByRole('list', { name: 'Children' })
      .getByRole('button', { name: /^Image 2,/ })
      .click();
    await page.getByTestId('next').click();
    await page.getByRole('region', { name: 'History' }).waitFor();
    expect(await page.getByRole('region', { name: 'History' }).getByRole('button').count()).toBe(2);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    await fitsWidth(page, 360);
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });
});

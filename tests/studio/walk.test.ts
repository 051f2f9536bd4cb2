import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults, fitsWidth, HAS_BROWSER, hostSite, launch, openPage, type Site } from './browser.ts';

/** Two numbers make an image of 28 x 28: the left half is as bright as the first, the right half as the second. */
function halves(): Uint8Array {
  const b = new GraphBuilder('halves');
  b.input('z', 'float32', ['N', 2]);
  const weight = Float32Array.from({ length: 2 * 784 }, (_, i) => Number(Number(i % 28 >= 14) === Math.floor(i / 784)));
  const pixels = b.op('MatMul', ['z', b.constant({ type: 'float32', dims: [2, 784], data: weight })]);
  b.op('Reshape', [pixels, b.ints([-1, 1, 28, 28])], {}, 'image');
  b.output('image');
  return writeModel(b.build());
}

const CARD = { kind: 'generator', latentDistribution: 'uniform', range: [-1, 1] };
const file = (name: string, contents: Uint8Array | object) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(contents instanceof Uint8Array ? contents : JSON.stringify(contents)),
});
const bring = (page: Page, ...files: ReturnType<typeof file>[]): Promise<void> =>
  page.getByLabel('Bring your own').setInputFiles(files);

/** The grey of the left and of the right half of a picture, once it is drawn: the page draws in one of the next frames. */
async function greys(picture: Locator): Promise<number[]> {
  let pixels: number[][] = [];
  await expect
    .poll(async () => {
      pixels = await picture.evaluate((canvas: HTMLCanvasElement) =>
        [3, 24].map((x) => [...canvas.getContext('2d')!.getImageData(x, 14, 1, 1).data]),
      );
      return pixels.map(([, , , opacity]) => opacity);
    })
    .toEqual([255, 255]);
  return pixels.map(([grey]) => grey!);
}

const surface = (page: Page): Locator => page.getByRole('application', { name: /^Surface through the three corners/ });
/** Moves the mouse to a place of the surface, which may still be laid out anew. */
async function pointAt(page: Page, u: number, v: number): Promise<void> {
  await surface(page).scrollIntoViewIfNeeded();
  await expect
    .poll(async () => {
      const box = (await surface(page).boundingBox())!;
      await page.mouse.move(box.x + (box.width * (u + 0.25)) / 1.5, box.y + (box.height * (1.25 - v)) / 1.5);
      return place(page);
    })
    .toEqual([u, v]);
}

const here = (page: Page): Locator => page.getByRole('img', { name: 'The image at the cursor' });
const corner = (page: Page, number: number): Locator => page.getByRole('img', { name: `Corner ${number}` });
const place = (page: Page): Promise<number[]> =>
  page
    .getByTestId('place')
    .textContent()
    .then((text) => (text ?? '').match(/-?\d+\.\d+/g)!.map(Number));

/** As the card says: the plane through the corners, clipped at black and white. */
async function expectOnPlane(page: Page): Promise<void> {
  // Corners are rounded to 8 bits, and the place is shown with two digits.
  await expect
    .poll(async () => {
      const [a, b, c] = await Promise.all([1, 2, 3].map((number) => greys(corner(page, number))));
      const [u, v] = (await place(page)) as [number, number];
      const wanted = a!.map((grey, i) => Math.min(255, Math.max(0, grey + u * (b![i]! - grey) + v * (c![i]! - grey))));
      return Math.max(...(await greys(here(page))).map((grey, i) => Math.abs(grey - wanted[i]!)));
    })
    .toBeLessThan(6);
}

describe.skipIf(!HAS_BROWSER)('the room Walk', () => {
  let browser: Browser;
  let site: Site;
  let folder: string;
  beforeAll(async () => {
    [browser, site, folder] = await Promise.all([launch(), hostSite(), mkdtemp(join(tmpdir(), 'walk-'))]);
  });
  afterAll(async () => {
    await browser.close();
    site.server.close();
    await rm(folder, { recursive: true });
  });

  it('opens with the generator of digits that is part of the page: three digits that the network is certain of, and a map between them', async () => {
    const page = await openPage(browser, `${site.url}#walk`, { reducedMotion: 'reduce' });
    await here(page).waitFor();
    const corners = page.getByRole('list', { name: 'Corners' }).locator('> li');
    const [names, shares] = [new Set<string>(), [] as number[]];
    for (const number of [0, 1, 2]) {
      const [, name, share] = /(\d)\s+([\d.]+)\s*%/.exec(await corners.nth(number).locator('ol').innerText())!;
      names.add(name!);
      shares.push(Number(share));
    }
    expect(names.size).toBe(3);
    expect(Math.min(...shares)).toBeGreaterThan(99);
    await page.locator('.legend li').first().waitFor();
    // Breed offers it, and begins with patterns all the same.
    await page.getByRole('link', { name: 'Breed', exact: true }).click();
    const choice = page.getByRole('combobox', { name: /^Breed/ });
    expect(await choice.locator('option').allTextContents()).toEqual(['patterns (CPPNs)', 'images of gan-digits.onnx']);
    expect(await choice.locator('option:checked').textContent()).toBe('patterns (CPPNs)');
    await choice.selectOption('images of gan-digits.onnx');
    await page
      .getByRole('list', { name: 'Children' })
      .getByRole('button', { name: /^Image/ })
      .nth(14)
      .waitFor();
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });

  it('a generator that is brought opens there, and the image follows the cursor over the plane of three corners', async () => {
    const page = await openPage(browser, `${site.url}#quiz`, { reducedMotion: 'reduce' });
    await page.getByTestId('model-notes').waitFor();
    await bring(page, file('halves.onnx', halves()), file('halves.card.json', CARD));
    await surface(page).waitFor();
    expect(page.url()).toMatch(/#walk$/);
    const notes = page.getByTestId('generator-notes');
    expect(await notes.textContent()).toMatch(
      /halves\.onnx is a generator, since its card says so: 2 numbers of the uniform law from -1 to 1 in, grey images of 28 × 28 out/,
    );
    await here(page).waitFor();
    expect(await page.getByTestId('path').textContent()).toContain('The way is straight');
    expect(await place(page)).toEqual([0.5, 0.5]);
    await expectOnPlane(page);

    await surface(page).focus();
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
    await expect.poll(() => place(page)).toEqual([0.65, 0.41]);
    await expectOnPlane(page);
    // At the second corner.
    await pointAt(page, 1, 0);
    await expectOnPlane(page);
    // What the network sees is that of the corner itself, and the map is colored.
    const seen = page.getByRole('region', { name: 'At the cursor' }).getByRole('listitem');
    expect(await seen.count()).toBe(3);
    await page.locator('.legend li').first().waitFor();
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });

  it('without a card a generator is told from a classifier by its graph, and what cannot be read is said in a sentence', async () => {
    const page = await openPage(browser, `${site.url}#walk`);
    const notes = page.getByTestId('generator-notes').getByText(/^gan-digits\.onnx is a generator/);
    await notes.waitFor();
    await bring(page, file('halves.onnx', halves()));
    await page
      .getByRole('alert')
      .getByText(/^halves\.onnx: what black and white are in its images cannot be told/)
      .waitFor();
    await bring(page, file('halves.onnx', halves()), file('d.json', { kind: 'discriminator' }));
    await page.getByRole('alert').getByText('halves.onnx is a discriminator by its card').waitFor();
    await bring(page, file('halves.onnx', halves()), file('d.json', { ...CARD, latentDimension: 3 }));
    await page.getByRole('alert').getByText('takes 2 random numbers, but the card says latentDimension 3').waitFor();
    await notes.waitFor();
    await page.context().close();
  });

  it('latents are bred, become corners, and go through a file', async () => {
    const page = await openPage(browser, `${site.url}#breed`, { colorScheme: 'dark', reducedMotion: 'reduce' });
    const children = page.getByRole('list', { name: 'Children' }).getByRole('button', { name: /^Image/ });
    await children.nth(14).waitFor();
    await bring(page, file('halves.onnx', halves()), file('halves.card.json', CARD));
    await page.getByTestId('generator-notes').waitFor();
    expect(
      await page
        .getByRole('combobox', { name: /^Breed/ })
        .locator('option:checked')
        .textContent(),
    ).toBe('images of halves.onnx');
    const picture = (number: number): Locator => children.nth(number - 1).locator('canvas');
    const parent = await greys(picture(4));
    expect(await page.getByRole('radio', { name: 'mild' }).isChecked()).toBe(true);
    await children.nth(3).click();
    await page.getByTestId('next').click();
    const steps = page.getByRole('region', { name: 'History' }).getByRole('button');
    await steps.nth(1).waitFor();
    // At most 0.12 by root mean square; of two halves of one level each that is 0.12 times the root of two for one of them, and rounding.
    for (const number of [1, 8, 15]) {
      // A canvas shows the image of the step before until it is drawn again.
      await expect
        .poll(async () => Math.max(...(await greys(picture(number))).map((grey, i) => Math.abs(grey - parent[i]!))))
        .toBeLessThan(46);
    }

    await page.getByRole('button', { name: 'Look closer at image 8' }).click();
    const article = page.getByRole('article', { name: 'One image, closer' });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      article.getByRole('button', { name: 'Save PNG' }).click(),
    ]);
    const saved = join(folder, 'latent.png');
    await download.saveAs(saved);
    const document = JSON.parse(/pareidolia-latent\0(\{.*?\]\})/s.exec(readFileSync(saved, 'latin1'))?.[1] ?? '');
    expect(document.generator.name).toBe('halves.onnx');
    // Black is -1 and white 1.
    const closer = document.latent.map((value: number) => Math.round((255 * (value + 1)) / 2));
    await expect.poll(() => greys(article.getByRole('img', { name: 'The image, large' }))).toEqual(closer);
    expect(await accessibilityFaults(page)).toEqual([]);

    await article.getByRole('button', { name: 'Set as corner 2' }).click();
    await page.getByRole('link', { name: 'Walk', exact: true }).first().click();
    await corner(page, 2).waitFor();
    await expect.poll(() => greys(corner(page, 2))).toEqual(closer);
    await here(page).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    await fitsWidth(page, 360);

    await page.getByRole('link', { name: 'Breed', exact: true }).click();
    await fitsWidth(page, 360);
    await page.getByLabel('Open a saved one').setInputFiles(saved);
    await steps.nth(2).waitFor();
    expect(await steps.nth(2).getAttribute('aria-label')).toBe('Step 3, from 1 picked');
    // The file is of no use to another generator; two more bytes are an empty description.
    const [stranger, other] = [halves(), { ...CARD, dataset: 'others' }];
    await bring(
      page,
      file('others.onnx', Buffer.concat([stranger, Buffer.from([0x32, 0x00])])),
      file('o.card.json', other),
    );
    await page
      .getByRole('combobox', { name: /^Breed/ })
      .locator('option', { hasText: 'images of others.onnx' })
      .waitFor({ state: 'attached' });
    await page.getByLabel('Open a saved one').setInputFiles(saved);
    await page.getByRole('alert').getByText('belongs to another generator (halves.onnx), not to others.onnx').waitFor();
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });

  const published = `${process.env.PAREIDOLIA_DATA}/models/mnist-gan-mlp-generator.onnx`;
  it.skipIf(!existsSync(published))('a published generator of digits is walked through on great circles', async () => {
    const page = await openPage(browser, `${site.url}#walk`);
    await here(page).waitFor();
    await bring(page, file('mnist-gan.onnx', new Uint8Array(readFileSync(published))));
    const notes = page.getByTestId('generator-notes');
    await notes
      .getByText(/since its input is a row of 64 numbers, and its output has the shape \[N, 1, 28, 28\]/)
      .waitFor();
    await notes.getByText(/black is -1 and white is 1 in its images, since its last operator is Tanh/).waitFor();
    await here(page).waitFor();
    expect(await page.getByTestId('path').textContent()).toContain('great circles');
    const seen = (number: number): Promise<string> =>
      page.getByRole('list', { name: 'Corners' }).locator(`> li:nth-child(${number}) ol`).innerText();
    // At each corner the network sees what it sees in the corner.
    for (const [number, u, v] of [
      [1, 0, 0],
      [2, 1, 0],
      [3, 0, 1],
    ] as const) {
      await pointAt(page, u, v);
      const [name] = (await seen(number)).split('\n');
      await expect
        .poll(() => page.getByRole('region', { name: 'At the cursor' }).getByRole('listitem').first().innerText())
        .toMatch(new RegExp(`^${name}`));
    }
    await page.locator('.legend li').first().waitFor();
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });
});

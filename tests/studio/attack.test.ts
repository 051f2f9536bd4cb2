import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OnnxClassifier, parseCard } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatPercent } from '../../packages/lab/src/format/format.ts';
import { accessibilityFaults, fitsWidth, HAS_BROWSER, hostSite, launch, openPage, type Site } from './browser.ts';

const ASSETS = new URL('../../packages/core/assets/', import.meta.url);

describe.skipIf(!HAS_BROWSER)('the room Attack', () => {
  let browser: Browser;
  let site: Site;
  let folder: string;
  /** The same network in Node. */
  let network: OnnxClassifier;
  beforeAll(async () => {
    [browser, site, folder] = await Promise.all([launch(), hostSite(), mkdtemp(join(tmpdir(), 'attack-'))]);
    const card = parseCard(JSON.parse(readFileSync(new URL('lenet-digits.card.json', ASSETS), 'utf8')));
    const bytes = new Uint8Array(readFileSync(new URL('lenet-digits.onnx', ASSETS)));
    network = await OnnxClassifier.load(bytes, {
      card,
      runtime: nodeRuntime(),
      device: 'cpu',
      threads: 1,
      where: 'digits',
    });
  });
  afterAll(async () => {
    await browser.close();
    await network.dispose();
    site.server.close();
    await rm(folder, { recursive: true });
  });

  async function save(page: Page, name: string): Promise<Uint8Array> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save PNG' }).click(),
    ]);
    const file = join(folder, name);
    await download.saveAs(file);
    const { data, info } = await sharp(file).toColorspace('b-w').raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([28, 28]);
    return new Uint8Array(data);
  }

  it('a digit is attacked step by step, and the file that is saved is what was said of it', async () => {
    const page = await openPage(browser, `${site.url}#attack`, { reducedMotion: 'reduce' });
    await page.getByText('Under attack: a drawn 3').waitFor();
    await page.getByRole('button', { name: 'Attack', exact: true }).click();
    const verdict = page.getByTestId('verdict');
    await verdict.waitFor();
    const words = (await verdict.textContent()) ?? '';
    const [, label, confidence] = /^Taken for (\d) with (.*?)\. It survives as an 8-bit file\./.exec(words) ?? [];
    expect(label).not.toBe('3');
    const planes = await save(page, 'pgd.png');
    const scores = await network.predict({ ...network.shape, count: 1, data: planes });
    expect(scores.data.indexOf(Math.max(...scores.data))).toBe(Number(label));
    // Kernels of browser and Node round differently in the last places.
    const number = (text: string | undefined): number => Number.parseFloat(text ?? '');
    expect(number(confidence)).toBeCloseTo(number(formatPercent(scores.data[Number(label)]!)), 1);
    // The first of the steps is the original.
    const slider = page.getByLabel(/^Step \d+ of \d+/);
    await slider.fill('0');
    await page.getByText(/L∞ 0\/255 · L2 0$/).waitFor();
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });

  it('an attack that looks for the nearest image needs no epsilon, and one can aim at a class', async () => {
    const page = await openPage(browser, `${site.url}#attack`, { reducedMotion: 'reduce' });
    await page.getByText('Under attack: a drawn 3').waitFor();
    await page.getByRole('combobox', { name: /^Attack/ }).selectOption('deepfool');
    await page.getByText('It looks for the nearest image by itself.').waitFor();
    await page.getByRole('button', { name: 'Attack', exact: true }).click();
    await page.getByTestId('verdict').getByText('survives as an 8-bit file').waitFor();
    await page.getByRole('combobox', { name: /^Attack/ }).selectOption('pgd');
    await page.getByLabel('It shall be taken for').selectOption('8');
    await page.getByRole('button', { name: 'Attack', exact: true }).click();
    await page.getByTestId('verdict').getByText('Taken for 8 with').waitFor();
    await page.getByRole('img', { name: /for 3, .*for 8, L2 distance/ }).waitFor();
    // The nearest image is one of little certainty: from there it goes on.
    await page.getByRole('combobox', { name: /^Attack/ }).selectOption('deepfool');
    await page.getByRole('button', { name: 'Attack', exact: true }).click();
    await page.getByRole('button', { name: 'Go on to 99' }).click();
    const sure = page.getByTestId('verdict').getByText(/^Taken for \d with 99/);
    await sure.waitFor();
    expect(await page.getByRole('button', { name: 'Go on to 99' }).count()).toBe(0);
    await page.context().close();
  });

  it('what cannot be fooled is told as such', async () => {
    const page = await openPage(browser, `${site.url}#attack`, { reducedMotion: 'reduce' });
    await page.getByText('Under attack: a drawn 3').waitFor();
    await page.getByLabel(/^At most/).fill('0');
    await page.getByRole('button', { name: 'Attack', exact: true }).click();
    await page.getByTestId('verdict').getByText('No adversarial image found').waitFor();
    expect(await page.getByRole('button', { name: 'Save PNG' }).count()).toBe(0);
    await page.context().close();
  });

  it('a digit drawn by hand is read, and a photograph is opened', async () => {
    const page = await openPage(browser, `${site.url}#attack`, { reducedMotion: 'reduce' });
    await page.getByText('Under attack: a drawn 3').waitFor();
    await page.getByRole('button', { name: 'Draw one' }).click();
    const box = (await page.getByLabel('Draw here with pen, finger or mouse').boundingBox())!;
    // A one: a stroke from top to bottom.
    await page.mouse.move(box.x + 0.52 * box.width, box.y + 0.15 * box.height);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.48 * box.width, box.y + 0.85 * box.height, { steps: 12 });
    await page.mouse.up();
    await page.getByText('Under attack: drawn by hand').waitFor();
    expect(await page.getByLabel('The image is really').inputValue()).toBe('1');
    // A seven by keyboard: along the top, then down to the left.
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByLabel('Draw here with pen, finger or mouse').focus();
    const press = async (key: string, times: number): Promise<void> => {
      for (let i = 0; i < times; i++) await page.keyboard.press(key);
    };
    await press('ArrowUp', 8);
    await press('ArrowLeft', 6);
    await press('Space', 1);
    await press('ArrowRight', 11);
    for (let i = 0; i < 8; i++) {
      await press('ArrowDown', 2);
      await press('ArrowLeft', 1);
    }
    await press('Space', 1);
    await page.waitForFunction(
      () =>
        [...document.querySelectorAll('label')]
          .find((label) => label.textContent?.includes('The image is really'))
          ?.querySelector('select')?.value === '7',
    );
    expect(await accessibilityFaults(page)).toEqual([]);
    const photograph = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#808080' } })
      .jpeg()
      .toBuffer();
    await page
      .getByLabel('Open a photograph')
      .setInputFiles({ name: 'grey.jpg', mimeType: 'image/jpeg', buffer: photograph });
    await page.getByText('Under attack: grey.jpg, 28 × 28 pixels.').waitFor();
    await page
      .getByLabel('Open a photograph')
      .setInputFiles({ name: 'no.png', mimeType: 'image/png', buffer: Buffer.from('no') });
    await page.getByRole('alert').getByText('no.png is no image that this browser can open').waitFor();
    await page.context().close();
  });

  it('another image ends the attack that is under way, and a network may be dropped beside it', async () => {
    const page = await openPage(browser, `${site.url}#attack`, { reducedMotion: 'reduce' });
    await page.getByText('Under attack: a drawn 3').waitFor();
    await page.getByRole('combobox', { name: /^Attack/ }).selectOption('boundary');
    await page.getByLabel('Queries at most').fill('1000000');
    await page.getByRole('button', { name: 'Attack', exact: true }).click();
    await page
      .getByRole('group')
      .or(page.getByText(/after \d+ queries/))
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await page.getByRole('button', { name: 'Another sample' }).click();
    await page.getByText('Under attack: a drawn 0').waitFor();
    await page.getByRole('combobox', { name: /^Attack/ }).selectOption('fgsm');
    await page.getByRole('button', { name: 'Attack', exact: true }).click();
    await page.getByTestId('verdict').waitFor();
    const model = readFileSync(new URL('lenet-digits.onnx', ASSETS)).toString('base64');
    await page.locator('[data-drop]').evaluate((room, bytes) => {
      const data = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
      const event = new DragEvent('drop', { bubbles: true, cancelable: true });
      Object.defineProperty(event, 'dataTransfer', { value: { files: [new File([data], 'mine.onnx')] } });
      room.dispatchEvent(event);
    }, model);
    // It is the embedded one once more: the page says so, and opens it no second time.
    await page
      .getByRole('alert')
      .getByText('mine.onnx is the network lenet-digits.onnx, which is open already')
      .waitFor();
    expect(await page.locator('header select option').count()).toBe(2);
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });

  it('is open to everybody', async () => {
    const page = await openPage(browser, `${site.url}#attack`, { colorScheme: 'dark', reducedMotion: 'reduce' });
    await page.getByText('Under attack: a drawn 3').waitFor();
    await page.getByRole('button', { name: 'Draw one' }).click();
    await page.getByRole('button', { name: 'Attack', exact: true }).click();
    await page.getByTestId('verdict').waitFor();
    await page.getByRole('button', { name: 'Keep for other rooms' }).click();
    await page.getByRole('button', { name: 'adversarial, a drawn 3' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    await fitsWidth(page, 360);
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });
});

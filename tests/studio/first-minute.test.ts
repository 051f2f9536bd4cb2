import type { Browser, Locator } from 'playwright-core';
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

describe.skipIf(!HAS_BROWSER)('the first minute', () => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    [browser, site] = await Promise.all([launch(), hostSite()]);
  });
  afterAll(async () => {
    await browser.close();
    site.server.close();
  });

  it('a search begins by itself, and does not where that was chosen or less motion is wished for', async () => {
    const page = await openPage(browser, site.url, { demonstration: true });
    await page.getByText('This search began by itself').waitFor();
    await page.getByRole('button', { name: /^7 / }).locator('canvas').waitFor();
    await page.getByLabel('Begin a small search when this page is opened').uncheck();
    await page.reload();
    await page.getByText('the first images are there within a second').waitFor();
    expect(await page.getByLabel('Begin a small search when this page is opened').isChecked()).toBe(false);
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
    const still = await openPage(browser, site.url, { demonstration: true, reducedMotion: 'reduce' });
    await still.getByText('the first images are there within a second').waitFor();
    expect(await still.getByLabel('Begin a small search when this page is opened').isChecked()).toBe(false);
    await still.context().close();
  });

  it('the tour leads through the rooms by keyboard, and leaves the focus where it was', async () => {
    const page = await openPage(browser, site.url, { demonstration: true, viewport: { width: 360, height: 740 } });
    const start = page.getByRole('button', { name: 'Take the tour' });
    await start.press('Enter');
    const tour = page.getByRole('dialog');
    await tour.getByText('Tour, 1 of 5').waitFor();
    await page.locator('[data-tour=classes][data-tour-here]').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    for (const [place, [room, target]] of [
      ['', 'curves'],
      ['#breed', 'offspring'],
      ['#attack', 'attack'],
      ['#watch', 'network'],
    ].entries()) {
      await page.keyboard.press('ArrowRight');
      await tour.getByText(`Tour, ${place + 2} of 5`).waitFor();
      await page.locator(`[data-tour=${target}][data-tour-here]`).waitFor();
      await expect.poll(() => new URL(page.url()).hash).toBe(room);
    }
    await page.keyboard.press('ArrowLeft');
    await tour.getByText('Tour, 4 of 5').waitFor();
    await fitsWidth(page, 360);
    await page.keyboard.press('Escape');
    await tour.waitFor({ state: 'detached' });
    expect(await page.locator('[data-tour-here]').count()).toBe(0);
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });

  it('the tour points at what it speaks of, however late that comes', async () => {
    const page = await openPage(browser, site.url, { reducedMotion: 'reduce' });
    await page.getByRole('button', { name: 'Take the tour' }).click();
    await page.getByRole('dialog').getByText('Tour, 1 of 5').waitFor();
    // Two seconds of a screen.
    await frames(page, 120);
    expect(await page.locator('[data-tour-here]').count()).toBe(0);
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.locator('[data-tour=classes][data-tour-here]').waitFor();
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });

  it('on a phone, images are on the first screen of the rooms, and so is what starts an attack', async () => {
    const viewport = { width: 360, height: 740 };
    const page = await openPage(browser, site.url, { demonstration: true, viewport });
    const isOnScreen = async (element: Locator): Promise<void> => {
      await element.waitFor();
      // What comes into the page a little later may still move it.
      await expect
        .poll(async () => {
          await page.evaluate(() => scrollTo(0, 0));
          const { x, y, width, height } = (await element.boundingBox())!;
          return [x >= 0, y >= 0, x + width <= viewport.width, y + height <= viewport.height];
        })
        .toEqual(Array(4).fill(true));
    };
    await isOnScreen(page.getByRole('button', { name: /^0 / }).locator('canvas'));
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Start a search' }).click();
    expect(await page.getByLabel('Images from').evaluate((element) => element === document.activeElement)).toBe(true);
    await page.getByRole('link', { name: 'Breed' }).click();
    await isOnScreen(page.getByRole('button', { name: /^Image 1,/ }).locator('canvas'));
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('link', { name: 'Attack' }).click();
    await isOnScreen(page.getByRole('img', { name: 'Original' }));
    await isOnScreen(page.getByRole('button', { name: 'Attack', exact: true }));
    await page.getByRole('button', { name: 'Attack', exact: true }).click();
    // The verdict comes into view above the button, by itself.
    const verdict = page.getByTestId('verdict');
    await verdict.waitFor();
    await expect
      .poll(async () => {
        const [told, button] = [await verdict.boundingBox(), await page.locator('form .primary').boundingBox()];
        return told!.y >= 0 && told!.y + told!.height <= button!.y;
      })
      .toBe(true);
    expect(await accessibilityFaults(page)).toEqual([]);
    await fitsWidth(page, viewport.width);
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });

  it('a term is explained on focus and on hover, within the window, until Escape', async () => {
    const page = await openPage(browser, `${site.url}#attack`, { viewport: { width: 360, height: 740 } });
    const term = page.getByRole('button', { name: 'epsilon' });
    const note = page.getByRole('tooltip');
    await term.focus();
    await note.getByText('how far an attack may go').waitFor();
    const box = (await note.boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(360);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await note.waitFor({ state: 'hidden' });
    await term.blur();
    await term.hover();
    await note.waitFor();
    await page.context().close();
  });

  it('images and trees are there after a reload, and again from a file in another browser', async () => {
    const page = await openPage(browser, `${site.url}#breed`);
    await page.getByRole('button', { name: /^Image 1,/ }).click();
    await page.getByTestId('next').click();
    await page.getByRole('button', { name: 'Step 2, from 1 picked' }).waitFor();
    await page.getByRole('link', { name: 'Attack' }).click();
    await page.getByRole('button', { name: 'Attack', exact: true }).click();
    await page.getByRole('button', { name: 'Keep for other rooms' }).click();
    await page.getByTestId('kept').getByText('2 images and 1 tree').waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as one file' }).click(),
    ]);
    // A write that has not ended is told, and takes no pause: a reload right after it loses nothing.
    await page.locator('[data-testid=kept][aria-busy=false]').waitFor();
    await page.reload();
    await page.getByText('Under attack').waitFor();
    await page.getByTestId('kept').getByText('2 images and 1 tree').waitFor();
    await page.getByRole('button', { name: 'original, a drawn 3' }).waitFor();
    await page.getByRole('link', { name: 'Breed' }).click();
    await page.getByRole('button', { name: 'Step 2, from 1 picked' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);

    const other = await openPage(browser, `${site.url}#breed`);
    await other.getByRole('button', { name: /^Image 1,/ }).waitFor();
    expect(await other.getByRole('button', { name: 'Step 2, from 1 picked' }).count()).toBe(0);
    await other.getByLabel('Open such a file').setInputFiles(await file.path());
    await other.getByRole('button', { name: 'Step 2, from 1 picked' }).waitFor();
    await other.getByLabel('Open such a file').setInputFiles({
      name: 'my.kept',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from('nothing'),
    });
    await other.getByRole('alert').getByText('my.kept holds no images and trees of this page').waitFor();
    await page.context().close();
    await other.context().close();
  });

  it('the figure of points comes back from its address, and shows how the network learnt', async () => {
    const page = await openPage(browser, `${site.url}#boundaries?layers=1&units=10&epochs=30&seed=2&zoom=near`);
    await page.getByRole('img', { name: /^Loss over the training: 30 epochs/ }).waitFor();
    await page.getByLabel('Hidden layers').fill('3');
    await page.waitForFunction(() => location.hash.includes('layers=3'));
    await page.reload();
    await page.getByText('Hidden layers: 3').waitFor();
    await page.getByText('Units in each: 10').waitFor();
    await page.getByRole('img', { name: /^Loss over the training/ }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });
});

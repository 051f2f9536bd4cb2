import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults, fitsWidth, HAS_BROWSER, hostSite, launch, openPage, type Site } from './browser.ts';

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
    const rooms = [];
    for (let step = 2; step <= 5; step++) {
      await page.keyboard.press('ArrowRight');
      await tour.getByText(`Tour, ${step} of 5`).waitFor();
      await page.locator('[data-tour-here]').waitFor();
      rooms.push(new URL(page.url()).hash);
    }
    expect(rooms).toEqual(['', '#breed', '#attack', '#watch']);
    await page.keyboard.press('ArrowLeft');
    await tour.getByText('Tour, 4 of 5').waitFor();
    await fitsWidth(page, 360);
    await page.keyboard.press('Escape');
    await tour.waitFor({ state: 'detached' });
    expect(await page.locator('[data-tour-here]').count()).toBe(0);
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
});

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults, fitsWidth, HAS_BROWSER, hostSite, launch, openPage, type Site } from './browser.ts';

const ROOMS = ['Watch', 'Breed', 'Walk', 'Attack', 'Audit', 'Boundaries', 'Quiz'];

describe.skipIf(!HAS_BROWSER)('the rooms', () => {
  let site: Site;
  let browser: Browser;
  beforeAll(async () => {
    [site, browser] = await Promise.all([hostSite(), launch()]);
  });
  afterAll(async () => {
    await browser.close();
    site.server.close();
  });

  it.each([
    [360, 740],
    [1280, 720],
    [1920, 1080],
  ])('are all on a screen of %d pixels, and are entered by keyboard', async (width, height) => {
    const page = await openPage(browser, site.url, { viewport: { width, height } });
    await page.getByRole('heading', { level: 1 }).waitFor();
    const rooms = page.getByRole('navigation', { name: 'Rooms' });
    expect(await rooms.getByRole('link').allTextContents()).toEqual(ROOMS);
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const name of ROOMS) {
        const { x, width: wide } = (await rooms.getByRole('link', { name, exact: true }).boundingBox())!;
        expect([name, x >= 0 && x + wide <= width]).toEqual([name, true]);
      }
      // Nothing is beside what is seen.
      expect(await rooms.evaluate((line) => line.scrollWidth - line.clientWidth)).toBe(0);
      await fitsWidth(page, width);
      expect(await accessibilityFaults(page)).toEqual([]);
    }
    await rooms.getByRole('link', { name: 'Watch', exact: true }).focus();
    for (const name of ROOMS) {
      const link = rooms.getByRole('link', { name, exact: true });
      expect(await link.evaluate((element) => element === document.activeElement)).toBe(true);
      await page.keyboard.press('Enter');
      await expect.poll(() => link.getAttribute('aria-current')).toBe('page');
      await page.keyboard.press('Tab');
    }
    expect(page.complaints.errors).toEqual([]);
    await page.context().close();
  });
});

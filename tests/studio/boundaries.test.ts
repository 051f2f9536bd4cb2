import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults, fitsWidth, HAS_BROWSER, hostSite, launch, openPage, type Site } from './browser.ts';

describe.skipIf(!HAS_BROWSER)('the room Boundaries', () => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    [browser, site] = await Promise.all([launch(), hostSite()]);
  });
  afterAll(async () => {
    await browser.close();
    site.server.close();
  });

  const figure = (page: Page) => page.getByRole('application', { name: /^Figure of points/ });

  /** A place of the figure of points, in pixels of the page. */
  async function at(page: Page, x: number, y: number): Promise<{ readonly x: number; readonly y: number }> {
    const box = (await figure(page).boundingBox())!;
    return { x: box.x + (box.width * (x + 0.75)) / 2.5, y: box.y + (box.height * (1.75 - y)) / 2.5 };
  }

  it('a network learns the points in the page, and the regions follow what is dragged', async () => {
    const page = await openPage(browser, `${site.url}#boundaries`, { viewport: { width: 1280, height: 1000 } });
    await page.getByRole('table').first().waitFor();
    const said = page.getByTestId('point-said');
    const hover = async (x: number, y: number): Promise<string> => {
      const place = await at(page, x, y);
      await page.mouse.move(place.x, place.y);
      return (await said.textContent()) ?? '';
    };
    // The three clusters lie around these places.
    await expect.poll(() => hover(0.3, 0.3)).toContain(': A with');
    await expect.poll(() => hover(0.7, 0.35)).toContain(': B with');
    await expect.poll(() => hover(0.45, 0.72)).toContain(': C with');
    const accuracy = page.getByText(/Of the training points the network has .* right/);
    expect(Number.parseFloat(/has ([\d.]+)/.exec((await accuracy.textContent()) ?? '')![1]!)).toBeGreaterThan(95);
    const polygons = figure(page).locator('polygon');
    const before = await polygons.count();
    expect(before).toBeGreaterThan(6);
    await page.getByLabel('adversarial (squares)').uncheck();
    expect(await polygons.count()).toBe(6);

    // An island of B far from all others is learnt.
    await page.getByRole('button', { name: 'Clear' }).click();
    expect(await figure(page).locator('circle').count()).toBe(0);
    for (const [label, x] of [
      ['A', 0.1],
      ['B', 0.5],
      ['C', 0.9],
    ] as const) {
      await page.getByRole('radio', { name: label }).check();
      for (const y of [0.2, 0.4, 0.6, 0.8]) {
        const place = await at(page, x, y);
        await page.mouse.click(place.x, place.y);
      }
    }
    expect(await figure(page).locator('circle').count()).toBe(12);
    await expect.poll(() => hover(0.5, 0.51)).toContain(': B with');
    // Dragged out of the figure a point is gone.
    const [from, to] = [await at(page, 0.5, 0.8), await at(page, 0.5, 2)];
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x, from.y - 60, { steps: 3 });
    await page.mouse.move(to.x, to.y, { steps: 5 });
    await page.mouse.up();
    expect(await figure(page).locator('circle').count()).toBe(11);
    // Outside of the box there are no images: a point that is set there comes to its edge.
    const beyond = await at(page, 1.5, 0.5);
    await page.mouse.click(beyond.x, beyond.y);
    await figure(page).locator('circle').nth(11).waitFor();
    const edge = await figure(page)
      .locator('rect.box')
      .evaluate((box) => {
        const number = (name: string): number => Number(box.getAttribute(name));
        return number('x') + number('width');
      });
    expect(Number(await figure(page).locator('circle').nth(11).getAttribute('cx'))).toBeCloseTo(edge, 3);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('There are no points; click where one shall be.').waitFor();
    expect(await figure(page).locator('circle').count()).toBe(0);
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });

  it('points are chosen, moved, added and removed by keyboard', async () => {
    const page = await openPage(browser, `${site.url}#boundaries`);
    await page.getByRole('table').first().waitFor();
    const circles = figure(page).locator('circle');
    const count = await circles.count();
    await figure(page).focus();
    await page.keyboard.press('PageDown');
    const said = page.getByTestId('point-said');
    expect(await said.textContent()).toContain(`Point 1 of ${count}, A.`);
    const before = Number(await circles.first().getAttribute('cx'));
    await page.keyboard.press('ArrowRight');
    expect(Number(await circles.first().getAttribute('cx'))).toBeCloseTo(before + 0.008 * 600, 3);
    await page.keyboard.press('Delete');
    expect(await circles.count()).toBe(count - 1);
    await page.keyboard.press('Enter');
    expect(await circles.count()).toBe(count);
    await page.context().close();
  });

  it('the plane through three images says what the network sees of the image under the cursor', async () => {
    const page = await openPage(browser, `${site.url}#boundaries`, { viewport: { width: 1280, height: 1000 } });
    const plane = page.getByRole('application', { name: /^Plane through/ });
    await plane.waitFor();
    await plane.scrollIntoViewIfNeeded();
    const look = async (u: number, v: number): Promise<string> => {
      // Asked for each time: the page may still be laid out anew.
      const box = (await plane.boundingBox())!;
      await page.mouse.move(box.x + (box.width * (u + 0.6)) / 2.2, box.y + (box.height * (1.6 - v)) / 2.2);
      return (await page.locator('.here ol li').first().textContent()) ?? '';
    };
    // The first two images are a drawn four and a drawn nine.
    expect(
      await page
        .getByRole('combobox', { name: /^First image/ })
        .locator('option:checked')
        .textContent(),
    ).toBe('a drawn 4');
    await expect.poll(() => look(0, 0)).toMatch(/^4/);
    const second =
      (await page
        .getByRole('combobox', { name: /^Second image/ })
        .locator('option:checked')
        .textContent()) ?? '';
    await expect.poll(() => look(1, 0)).toMatch(new RegExp(`^${second.at(-1)}`));
    await page.getByRole('combobox', { name: /^Third image/ }).selectOption('a drawn 4');
    await page.getByRole('alert').getByText('lie on one line').waitFor();
    await page.getByRole('combobox', { name: /^Third image/ }).selectOption('a drawn 1');
    await plane.waitFor();
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });

  it('is open to everybody', async () => {
    const page = await openPage(browser, `${site.url}#boundaries`, { colorScheme: 'dark', reducedMotion: 'reduce' });
    await page.getByRole('table').first().waitFor();
    await page.getByRole('application', { name: /^Plane through/ }).waitFor();
    await page.getByLabel('far around the box').check();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    await fitsWidth(page, 360);
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });
});

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { frames, HAS_BROWSER, hostSite, launchWithWebGpu, openPage, type Site } from './browser.ts';

/** Confidences of the classes after two generations of eight images. */
async function search(page: Page): Promise<number[]> {
  await page.getByLabel('Generations').fill('1');
  await page.getByLabel('Images in each').fill('8');
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByText('1 of 1').waitFor();
  const tiles = page.getByRole('group', { name: 'Classes' }).getByRole('button');
  await tiles.nth(9).waitFor();
  // What has come with the last generation is drawn with the next frame.
  await frames(page, 2);
  const texts = await tiles.allTextContents();
  return texts.map((text) => Number.parseFloat(/([\d.]+)\u00a0%/.exec(text)?.[1] ?? ''));
}

describe.skipIf(!HAS_BROWSER)('the graphics card, in the page', () => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    [browser, site] = await Promise.all([launchWithWebGpu(), hostSite()]);
  });
  afterAll(async () => {
    await browser.close();
    site.server.close();
  });

  it('is used where it is asked for, kept by the address, and finds what the processor finds', async (context) => {
    const page = await openPage(browser, `${site.url}#watch`);
    await page.getByRole('button', { name: 'Start' }).waitFor();
    const adapter = await page.evaluate(async () => {
      const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<unknown> } };
      return (await gpu?.requestAdapter().catch(() => null)) != null;
    });
    if (!adapter) context.skip('This Chromium has no WebGPU adapter in software');
    expect(await page.getByTestId('engine').textContent()).not.toContain('webgpu');
    const processor = await search(page);

    // The link opens the page anew; until then the old one still stands there.
    await page.getByRole('link', { name: 'Use the graphics card' }).click();
    await page.getByTestId('engine').getByText('in this page, webgpu').waitFor();
    const card = await search(page);
    expect(card).toHaveLength(10);
    for (const [label, confidence] of card.entries()) {
      expect(Math.abs(confidence - processor[label]!), `class ${label}`).toBeLessThan(0.1);
    }

    // Gradients come from it as well.
    await page.getByRole('link', { name: 'Attack', exact: true }).click();
    await page.getByText('Under attack: a drawn 3').waitFor();
    await page.getByRole('button', { name: 'Attack', exact: true }).click();
    await page.getByTestId('verdict').getByText('It survives as an 8-bit file').waitFor();
    expect(await page.getByTestId('verdict').textContent()).toMatch(/[1-9]\d* gradients/);

    await page.getByRole('link', { name: 'Watch' }).click();
    await page.getByRole('link', { name: 'Use the processor' }).click();
    await page
      .getByTestId('engine')
      .getByText(/in this page, \d+ threads?$/)
      .waitFor();
    expect(page.complaints.errors).toEqual([]);
    expect(page.complaints.foreign).toEqual([]);
    await page.context().close();
  });
});

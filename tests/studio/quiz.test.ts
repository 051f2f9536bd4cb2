import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults, fitsWidth, HAS_BROWSER, hostSite, launch, openPage, type Site } from './browser.ts';

describe.skipIf(!HAS_BROWSER)('the room Quiz', () => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    [browser, site] = await Promise.all([launch(), hostSite()]);
  });
  afterAll(async () => {
    await browser.close();
    site.server.close();
  });

  const faultless = async (page: Page): Promise<void> => {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibilityFaults(page)).toEqual([]);
    }
  };

  it('asks by keyboard alone, says what the network saw, tells real from made, and keeps the result on this machine only', async () => {
    const page = await openPage(browser, `${site.url}#quiz`, { reducedMotion: 'reduce' });
    await page.getByRole('checkbox', { name: 'Real images' }).waitFor();
    await faultless(page);
    await page.getByLabel('Questions').selectOption('8');
    await page.getByLabel('Seed').fill('7');
    await page.getByRole('button', { name: 'Begin' }).focus();
    await page.keyboard.press('Enter');
    const requests: string[] = [];
    await page.getByText('1 of 8', { exact: true }).waitFor();
    page.on('request', (request) => requests.push(request.url()));
    let agreed = 0;
    for (let question = 1; question <= 8; question++) {
      const section = page.getByRole('region', { name: `Question ${question}`, exact: true });
      await section.waitFor();
      expect(await section.getByRole('listitem').count()).toBe(5);
      // In turns: the second class by its key, nothing by its key, nothing by click.
      if (question % 3 === 0) await page.keyboard.press('b');
      else if (question % 3 === 1) await page.keyboard.press('n');
      else await section.getByRole('button', { name: 'I see nothing' }).click();
      const said = await section.getByText(/The network is .* sure that this is/).textContent();
      agreed += await section.getByText('✓ you and the network').count();
      // An answer is final.
      await page.keyboard.press('c');
      expect(await section.getByText(/The network is .* sure that this is/).textContent()).toBe(said);
      if (question === 2) await faultless(page);
      await page.keyboard.press('Enter');
    }
    expect(await page.getByTestId('sum').textContent()).toBe(`You answered as the network ${agreed} of 8 times`);
    expect(await page.getByTestId('conclusion').textContent()).toMatch(/\.$/);
    const table = page.getByRole('table', { name: 'Your answers by kind of image' });
    // A third of eight, rounded; the rest in equal parts, and their sum.
    const rows = await table.getByRole('row').allTextContents();
    expect(rows.map((row) => /(\d+) of (\d+)/.exec(row)?.[2])).toEqual([undefined, '2', '2', '1', '5', '3']);
    await faultless(page);
    await page.setViewportSize({ width: 360, height: 740 });
    await fitsWidth(page, 360);
    expect(requests).toEqual([]);
    expect(page.complaints).toEqual({ errors: [], foreign: [] });

    await page.reload();
    const earlier = page.getByRole('region', { name: 'Results on this machine' });
    await earlier.getByRole('row').nth(1).getByText(`${agreed} of 8`).waitFor();
    await page.getByRole('button', { name: 'Delete them' }).click();
    expect(await page.getByRole('row').count()).toBe(0);
    // What is left is none of the quiz's.
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual(['pareidolia-demonstration']);
    await page.context().close();
  });

  it('can be cancelled before its first image is there, and ended after an answer, which then counts', async () => {
    const page = await openPage(browser, `${site.url}#quiz`, { reducedMotion: 'reduce' });
    await page.getByLabel('Questions').selectOption('30');
    await page.getByRole('checkbox', { name: 'Real images' }).uncheck();
    await page.getByText('Without real images among them').waitFor();
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    // At once, whatever the engine is at.
    await page.getByRole('button', { name: 'Begin' }).click();
    // It goes away with the last image, which the first question does not wait for.
    await page
      .getByTestId('ready')
      .getByText(/of 30 images are ready/)
      .waitFor();
    await page.getByRole('region', { name: 'Question 1', exact: true }).waitFor();
    await page.keyboard.press('n');
    await page.getByRole('button', { name: 'End here' }).click();
    expect(await page.getByTestId('sum').textContent()).toBe('You answered as the network 0 of 1 times');
    expect(await page.getByTestId('conclusion').textContent()).toContain('Inconclusive');
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });
});

import type { Browser } from 'playwright-core';
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

  it('asks ten times, says what the network saw, adds up, and keeps the result on this machine only', async () => {
    const page = await openPage(browser, `${site.url}#quiz`, { reducedMotion: 'reduce' });
    const requests: string[] = [];
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByText('1 of 10').waitFor();
    page.on('request', (request) => requests.push(request.url()));
    let right = 0;
    for (let question = 1; question <= 10; question++) {
      const section = page.getByRole('region', { name: `Question ${question}`, exact: true });
      await section.waitFor();
      expect(await section.getByRole('listitem').count()).toBe(4);
      // By key and by click in turns.
      if (question % 2 === 0) await page.keyboard.press('b');
      else await section.getByRole('button').nth(1).click();
      const said = await section.getByText(/The network is .* sure that this is/).textContent();
      if (said?.includes('Right.')) right++;
      // An answer is final.
      await page.keyboard.press('c');
      expect(await section.getByText(/The network is .* sure that this is/).textContent()).toBe(said);
      expect(await section.getByText("✓ the network's answer").count()).toBe(1);
      if (question === 3) {
        expect(await accessibilityFaults(page)).toEqual([]);
        await page.emulateMedia({ colorScheme: 'dark' });
        expect(await accessibilityFaults(page)).toEqual([]);
      }
      await page.keyboard.press('Enter');
    }
    expect(await page.getByTestId('sum').textContent()).toBe(`${right} of 10 right`);
    expect(await page.getByRole('row').count()).toBe(2);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    await fitsWidth(page, 360);
    expect(requests).toEqual([]);
    expect(page.complaints).toEqual({ errors: [], foreign: [] });

    await page.reload();
    await page.getByRole('row').nth(1).getByText(`${right} of 10`).waitFor();
    await page.getByRole('button', { name: 'Delete them' }).click();
    expect(await page.getByRole('row').count()).toBe(0);
    // What is left is none of the quiz's.
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual(['pareidolia-demonstration']);
    await page.context().close();
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pareidolia } from '../support/command.ts';
import { accessibilityFaults, fitsWidth, HAS_BROWSER, hostSite, launch, openPage, type Site } from './browser.ts';

describe.skipIf(!HAS_BROWSER)('a guarded network in the studio', () => {
  const folder = mkdtempSync(join(tmpdir(), 'guarded-'));
  const files = ['guarded.onnx', 'guarded.card.json'].map((name) => join(folder, name));
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    const { code, stderr } = await pareidolia(
      ['guard', '--limit', '200', '--budget', 'quick', '--detector', 'energy', '--tpr', '0.9', '--out', 'guarded.onnx'],
      { cwd: folder },
    );
    expect(code, stderr).toBe(0);
    [browser, site] = await Promise.all([launch(), hostSite()]);
  });
  afterAll(async () => {
    await browser.close();
    site.server.close();
    rmSync(folder, { recursive: true });
  });

  async function opened(room: string): Promise<Page> {
    const page = await openPage(browser, `${site.url}#${room}`, { reducedMotion: 'reduce' });
    await page.locator('input[type=file]').first().setInputFiles(files);
    await page
      .getByTestId('model-notes')
      .getByText(/guarded/)
      .first()
      .waitFor();
    return page;
  }

  async function shots(page: Page, name: string): Promise<void> {
    const out = process.env.PAREIDOLIA_SHOTS;
    for (const [kind, colorScheme, width] of [
      ['light', 'light', 1280],
      ['dark', 'dark', 1280],
      ['narrow', 'light', 360],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await fitsWidth(page, width);
      if (out !== undefined) await page.screenshot({ path: join(out, `${name}-${kind}.png`), fullPage: true });
      expect(await accessibilityFaults(page), `${name} ${kind}`).toEqual([]);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  }

  it('is attacked together with its detector: what is accepted as a wrong class is found, and refusal is no class to aim at', async () => {
    const page = await opened('attack');
    await page.getByText('Network and detector are attacked together').waitFor();
    expect(await page.getByLabel('The image is really').locator('option').allTextContents()).toEqual([...'0123456789']);
    await page.getByRole('button', { name: 'Attack', exact: true }).click();
    const verdict = page.getByTestId('verdict');
    await verdict.waitFor();
    const words = (await verdict.textContent()) ?? '';
    expect(words).toMatch(/^(Taken for \d with|No adversarial image found)/);
    await shots(page, 'attack');
    await page.context().close();
  });

  it('breeds children that are shown as refused where that is the decision', async () => {
    const page = await opened('breed');
    await page.getByLabel('Children').getByText('refused').first().waitFor();
    await shots(page, 'breed');
    await page.context().close();
  });

  it.each(['watch', 'boundaries', 'quiz', 'audit'])('is taken in the room %s', async (room) => {
    const page = await opened(room);
    await shots(page, room);
    await page.context().close();
  });
});

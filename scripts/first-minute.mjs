/**
 * @file `node scripts/first-minute.mjs`: films the first minute of the studio's page for the README, docs/first-minute.webp. Needs the built
 * site (`npm run build`) and a Chromium (`PAREIDOLIA_CHROMIUM`, or Debian's).
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';

const TARGET = fileURLToPath(new URL('../docs/first-minute.webp', import.meta.url));
const COMMAND = fileURLToPath(new URL('../packages/cli/bin/pareidolia.js', import.meta.url));

/** Of the page and of the picture, in pixels; bytes of the picture, at most. */
const [PAGE, WIDTH, MOST_BYTES] = [{ width: 1180, height: 1010 }, 860, 1_500_000];

/** @type {{ png: Buffer, milliseconds: number }[]} */
const frames = [];
const runs = mkdtempSync(join(tmpdir(), 'first-minute-'));
const server = spawn(process.execPath, [COMMAND, 'studio', '--no-open', '--json', '--runs', runs], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const line = await new Promise((resolve) => server.stdout.once('data', (text) => resolve(String(text))));
const browser = await chromium.launch({
  executablePath: process.env.PAREIDOLIA_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const page = await browser.newPage({ viewport: PAGE, colorScheme: 'light' });
  page.setDefaultTimeout(120_000);
  /** @param {number} milliseconds that the frame stays */
  const shoot = async (milliseconds) => {
    frames.push({ png: await page.screenshot(), milliseconds });
  };
  /**
   * Films until something is there.
   *
   * @param {import('playwright-core').Locator} end
   * @param {{ every: number, most: number, shown: number }} pace milliseconds between frames, how many, and how long each is shown
   */
  const filmUntil = async (end, { every, most, shown }) => {
    for (let frame = 0; frame < most && !(await end.isVisible()); frame++) {
      await shoot(shown);
      await page.waitForTimeout(every);
    }
    await end.waitFor();
  };

  await page.goto(JSON.parse(line).url);
  await page.getByText('This search began by itself').waitFor();
  await page.getByRole('button', { name: /^2 / }).locator('canvas').waitFor();
  await filmUntil(page.getByText('finished', { exact: true }), { every: 20, most: 24, shown: 250 });
  await shoot(1500);

  await page.getByRole('button', { name: /^3 / }).click();
  await page.getByRole('article', { name: 'Elite of class 3' }).waitFor();
  await page.locator('[data-tour=classes]').evaluate((element) => {
    element.scrollIntoView({ block: 'start' });
    // The head of the page stays above.
    scrollBy(0, -170);
  });
  await page.waitForTimeout(1200);
  await shoot(2600);

  await page.getByRole('link', { name: 'Attack' }).click();
  await page.locator('header select').selectOption({ label: 'cnn-things.onnx' });
  await page.getByText('a drawn car').waitFor();
  await page.getByLabel(/^At most/).fill('16');
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(400);
  await shoot(1800);
  await page.getByRole('button', { name: 'Attack', exact: true }).click();
  await page.evaluate(() => scrollTo(0, 0));
  for (let frame = 0; frame < 8; frame++) {
    await page.waitForTimeout(40);
    await shoot(300);
  }
  await page.waitForTimeout(2500);
  await shoot(2600);

  await page.getByRole('link', { name: 'Breed' }).click();
  const child = page.getByRole('button', { name: /^(Image|Child) 3\b/ }).first();
  await child.waitFor();
  await page.waitForTimeout(800);
  await shoot(1500);
  await child.click();
  await page.getByRole('button', { name: /^Next/ }).first().click();
  await page.waitForTimeout(1500);
  await shoot(2600);
} finally {
  await browser.close();
  server.kill('SIGINT');
  await new Promise((resolve) => server.once('exit', resolve));
  rmSync(runs, { recursive: true, force: true });
}

const small = await Promise.all(frames.map(({ png }) => sharp(png).resize({ width: WIDTH }).png().toBuffer()));
await sharp(small, { join: { animated: true } })
  .webp({ quality: 55, effort: 6, loop: 0, delay: frames.map(({ milliseconds }) => milliseconds) })
  .toFile(TARGET);
const { size } = statSync(TARGET);
process.stdout.write(`${TARGET}: ${frames.length} frames, ${size} bytes\n`);
if (size > MOST_BYTES) {
  process.stderr.write(`That is more than ${MOST_BYTES} bytes; take fewer frames\n`);
  process.exitCode = 1;
}

/**
 * @file `node scripts/pictures.mjs`: takes the pictures of report and studio for the README: docs/report.png, docs/studio-watch.webp and
 * docs/studio-breed.webp, all of the embedded networks. Needs what `npm run build` makes and a Chromium (`PAREIDOLIA_CHROMIUM`, or Debian's).
 */

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';

const COMMAND = fileURLToPath(new URL('../packages/cli/bin/pareidolia.js', import.meta.url));
/** @param {string} name */
const picture = (name) => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));

/** In pixels. */
const [REPORT, WATCH, BREED] = [
  { width: 1280, height: 1500 },
  { width: 1360, height: 1330 },
  { width: 1360, height: 1130 },
];

/** The report's picture is made smaller, to this. */
const REPORT_WIDTH = 1000;

const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
const browser = await chromium.launch({
  executablePath: process.env.PAREIDOLIA_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
/** @param {import('playwright-core').ViewportSize} viewport */
const open = async (viewport) => {
  const page = await browser.newPage({ viewport, colorScheme: 'light' });
  page.setDefaultTimeout(300_000);
  return page;
};

async function takeReport() {
  const run = join(folder, 'run');
  execFileSync(process.execPath, [COMMAND, 'fool', '--out', run], { stdio: 'inherit' });
  const page = await open(REPORT);
  await page.goto(pathToFileURL(join(run, 'report.html')).href);
  await page.waitForTimeout(1000);
  await sharp(await page.screenshot())
    .resize({ width: REPORT_WIDTH })
    .png({ palette: true, effort: 10 })
    .toFile(picture('report.png'));
}

/** @param {string} address of the studio */
async function takeWatch(address) {
  const page = await open(WATCH);
  await page.addInitScript(() => localStorage.setItem('pareidolia-demonstration', 'off'));
  await page.goto(address);
  await page.locator('header select').selectOption({ label: 'cnn-things.onnx' });
  await page.getByLabel('Generations').fill('400');
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByText('400 of 400').waitFor();
  await page.getByRole('button', { name: /^fish / }).click();
  await page.getByRole('article', { name: 'Elite of class fish' }).waitFor();
  await page.waitForTimeout(1500);
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(300);
  await save(await page.screenshot(), 'studio-watch.webp');
}

/** @param {string} address of the studio */
async function takeBreed(address) {
  const page = await open(BREED);
  await page.addInitScript(() => localStorage.setItem('pareidolia-demonstration', 'off'));
  await page.goto(address);
  await page.locator('header select').selectOption({ label: 'cnn-things.onnx' });
  await page.getByRole('link', { name: 'Breed' }).click();
  const children = page.getByRole('list', { name: 'Children' }).getByRole('button', { name: /^Image/ });
  await children.nth(14).waitFor();
  /** Each step goes on from an earlier one, so that the tree has branches. */
  const steps = [
    { from: 1, change: 'wild', image: 4 },
    { from: 2, change: 'medium', image: 7 },
    { from: 2, change: 'mild', image: 2 },
    { from: 2, change: 'wild', image: 3 },
    { from: 5, change: 'medium', image: 3 },
  ];
  for (const [place, { from, change, image }] of steps.entries()) {
    if (place > 0) await page.getByRole('button', { name: new RegExp(`^Step ${from},`) }).click();
    await page.getByText(change, { exact: true }).click();
    await children.nth(image - 1).click();
    await page.getByTestId('next').click();
    await page.getByRole('button', { name: new RegExp(`^Step ${place + 2},`) }).waitFor();
  }
  await page.waitForTimeout(1500);
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(300);
  await save(await page.screenshot(), 'studio-breed.webp');
}

/**
 * @param {Buffer} png
 * @param {string} name
 */
async function save(png, name) {
  await sharp(png).webp({ quality: 82, effort: 6 }).toFile(picture(name));
}

try {
  await takeReport();
  const server = spawn(process.execPath, [COMMAND, 'studio', '--no-open', '--json', '--runs', join(folder, 'runs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise((resolve) => server.stdout.once('data', (text) => resolve(String(text))));
  const { url } = JSON.parse(line);
  await takeWatch(url);
  await takeBreed(url);
  server.kill('SIGINT');
  await new Promise((resolve) => server.once('exit', resolve));
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

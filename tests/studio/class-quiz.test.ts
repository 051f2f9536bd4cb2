import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { decodeQR } from 'qr/decode.js';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityFaults, fitsWidth, HAS_BROWSER, launch, openPage } from './browser.ts';

const PROGRAM = new URL('../../packages/cli/bin/pareidolia.js', import.meta.url).pathname;

/** Modules of white that belong around a QR code (ISO/IEC 18004). */
const QUIET = 4;

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true };

describe.skipIf(!HAS_BROWSER)('the quiz of a class', () => {
  const folder = mkdtempSync(join(tmpdir(), 'class-'));
  const servers: ChildProcess[] = [];
  let browser: Browser;
  let url: string;
  beforeAll(async () => {
    browser = await launch();
    url = await serve();
  });
  afterAll(async () => {
    await browser.close();
    for (const server of servers) {
      const over = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGINT');
      await over;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  /** A studio of its own. @returns its address, with the token */
  async function serve(...options: readonly string[]): Promise<string> {
    const server = spawn(process.execPath, [PROGRAM, 'studio', '--no-open', '--json', '--threads', '2', ...options], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    servers.push(server);
    const line = await new Promise((told) => server.stdout?.once('data', told));
    return (JSON.parse(String(line)) as { url: string }).url;
  }

  const faultless = async (page: Page): Promise<void> => {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibilityFaults(page)).toEqual([]);
    }
  };

  it('is joined by two pupils with a code, counted live on the screen of the teacher, and shown to all in the end', async () => {
    const teacher = await openPage(browser, url);
    await teacher.getByRole('link', { name: 'Quiz' }).click();
    await teacher.getByLabel('Questions').selectOption('8');
    await teacher.getByRole('button', { name: 'Open it for a class' }).click();
    const code = (await teacher.getByTestId('code').textContent()) ?? '';
    expect(code).toMatch(/^[A-Z2-9]{6}$/);
    const address = `${new URL(url).origin}/quiz`;
    await teacher.getByText(address.replace('http://', '')).waitFor();
    await teacher.getByText('Only this machine reaches this address').waitFor();
    // A phone could not open it.
    expect(await teacher.getByRole('img', { name: /^QR code/ }).count()).toBe(0);

    const pupils = await Promise.all([openPage(browser, address, PHONE), openPage(browser, address, PHONE)] as const);
    const [anna, ben] = pupils;
    await anna.getByLabel('The code on the screen').fill('WRONG2');
    await anna.getByRole('button', { name: 'Join' }).click();
    await anna.getByRole('alert').getByText('This code opens no quiz; look at the screen again.').waitFor();
    await faultless(anna);
    for (const pupil of pupils) {
      await pupil.getByLabel('The code on the screen').fill(code.toLowerCase());
      await pupil.keyboard.press('Enter');
      await pupil.getByText('1 of 8').waitFor();
      await fitsWidth(pupil, 360);
    }
    await teacher.getByTestId('joined').getByText('2').waitFor();

    // Anna sees nothing anywhere; Ben answers three, is gone for a moment, and goes on where he was.
    await faultless(anna);
    for (let question = 1; question <= 8; question++) {
      await anna.getByText(`${question} of 8`, { exact: true }).waitFor();
      await anna.getByRole('button', { name: 'I see nothing' }).click();
    }
    await anna.getByRole('heading', { name: 'Thank you' }).waitFor();
    for (let question = 1; question <= 3; question++) {
      await ben.getByText(`${question} of 8`, { exact: true }).waitFor();
      await ben.getByRole('button', { name: 'I see nothing' }).focus();
      await ben.keyboard.press('a');
    }
    await ben.getByText('4 of 8', { exact: true }).waitFor();
    await ben.reload();
    await ben.getByText('4 of 8', { exact: true }).waitFor();

    await teacher.getByTestId('finished').getByText('1').waitFor();
    const answers = teacher.getByTestId('answers');
    await answers.nth(2).getByText('2 of 2 answered').waitFor();
    await answers.nth(3).getByText('1 of 2 answered').waitFor();
    // What was answered is not read off the screen.
    expect(await teacher.getByText(/; network: /).count()).toBe(0);
    await faultless(teacher);

    await teacher.getByRole('button', { name: 'Show the answers to all' }).click();
    await teacher.getByTestId('conclusion').getByText('Inconclusive: ').waitFor();
    const table = teacher.getByRole('table', { name: 'The answers of the class by kind of image' });
    expect(await table.getByRole('row').last().textContent()).toContain('Real images');
    for (const pupil of pupils) {
      await pupil.getByRole('heading', { name: 'What all 2 saw' }).waitFor();
      await fitsWidth(pupil, 360);
      await faultless(pupil);
    }
    await faultless(teacher);
    await teacher.setViewportSize({ width: 360, height: 740 });
    await fitsWidth(teacher, 360);

    const saving = teacher.waitForEvent('download');
    await teacher.getByRole('button', { name: 'Save as CSV' }).click();
    const lines = readFileSync(await (await saving).path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(lines).toHaveLength(1 + 8 + 3);

    // The page of the teacher finds it again; closing it forgets everything.
    await teacher.reload();
    await teacher.getByTestId('code').getByText(code).waitFor();
    await teacher.getByRole('button', { name: 'Close the quiz' }).click();
    await teacher.getByRole('button', { name: 'Delete all answers and close' }).click();
    await teacher.getByRole('button', { name: 'Open it for a class' }).waitFor();
    // What came of it stays with whoever has it open.
    expect(await anna.getByRole('heading', { name: 'What all 2 saw' }).count()).toBe(1);
    for (const page of [teacher, anna, ben]) {
      expect(page.complaints.foreign).toEqual([]);
      await page.context().close();
    }
  });

  it('gives pupils nothing of the studio', async () => {
    const page = await openPage(browser, `${new URL(url).origin}/quiz`, PHONE);
    await page.getByLabel('The code on the screen').waitFor();
    expect(await page.evaluate(async () => (await fetch('api/call/about', { method: 'POST' })).status)).toBe(401);
    await page.goto(new URL(url).origin);
    await page.getByRole('alert').getByText('open the one that the command printed').waitFor();
    await page.context().close();
  });

  it('is joined by a QR code on the screen, once by each phone, also by one that scans it again', async () => {
    const teacher = await openPage(browser, await serve('--host', '0.0.0.0'));
    await teacher.getByRole('link', { name: 'Quiz' }).click();
    await teacher.getByLabel('Questions').selectOption('8');
    await teacher.getByRole('button', { name: 'Open it for a class' }).click();
    const code = (await teacher.getByTestId('code').textContent()) ?? '';
    const region = teacher.getByRole('region', { name: 'Join' });
    const shown = `http://${await region.getByText(/^[\d.[\]:\w]+\/quiz$/).textContent()}`;
    const picture = region.getByRole('img', { name: `QR code that opens ${shown} and joins with the code ${code}` });

    const read = new Set<string>();
    for (const colorScheme of ['light', 'dark'] as const) {
      await teacher.emulateMedia({ colorScheme });
      // Among everything else on the screen, as a phone sees it.
      read.add(await readCode(await teacher.screenshot()));
      expect(await darkIn(await picture.screenshot(), await picture.getAttribute('viewBox'))).toBe(0);
    }
    expect([...read]).toEqual([`${shown}#code=${code}`]);
    await faultless(teacher);
    await teacher.getByRole('button', { name: 'Fill the screen with it' }).press('Enter');
    const large = teacher.getByRole('dialog', { name: 'Join' });
    await large.waitFor();
    read.add(await readCode(await teacher.screenshot()));
    expect(read.size).toBe(1);
    await faultless(teacher);
    await teacher.keyboard.press('Escape');
    await large.waitFor({ state: 'hidden' });

    const address = `${shown}#code=${code}`;
    const phone = await openPage(browser, address, PHONE);
    await phone.getByText('1 of 8').waitFor();
    // Whoever gets the address from this phone joins nothing by it.
    expect(phone.url()).toBe(shown);
    await phone.getByRole('button', { name: 'I see nothing' }).click();
    await phone.getByText('2 of 8').waitFor();
    const joined = teacher.getByTestId('joined');
    await joined.getByText('1', { exact: true }).waitFor();

    const again = await phone.context().newPage();
    await again.goto(address);
    await again.getByText('2 of 8').waitFor();
    await again.getByText('You go on where you were on this device').waitFor();
    await fitsWidth(again, 360);
    await faultless(again);
    // The page that is open already scans it, too.
    await again.goto(address);
    await again.getByText('2 of 8').waitFor();
    expect(await joined.textContent()).toBe('1');
    await again.reload();
    await again.getByText('2 of 8').waitFor();
    await again.getByRole('button', { name: 'Somebody else: join anew' }).click();
    await again.getByText('1 of 8').waitFor();
    await joined.getByText('2', { exact: true }).waitFor();
    // The first tab is still who it was.
    await phone.reload();
    await phone.getByText('2 of 8').waitFor();

    const late = await openPage(browser, `${shown}#code=WRONG2`, PHONE);
    await late.getByRole('alert').getByText('This code opens no quiz; look at the screen again.').waitFor();
    expect(await late.getByLabel('The code on the screen').inputValue()).toBe('WRONG2');
    for (const page of [teacher, phone, late]) {
      expect(page.complaints.foreign).toEqual([]);
      await page.context().close();
    }
  });
});

/** What is read off a picture of the screen, by another library than the one that drew it. */
async function readCode(png: Buffer): Promise<string> {
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return decodeQR({ width: info.width, height: info.height, data }, { timeLimit: Number.POSITIVE_INFINITY });
}

/** Pixels of the quiet zone that are not white, of a picture of the code alone; a pixel at its edges is blended. */
async function darkIn(png: Buffer, viewBox: string | null): Promise<number> {
  const { data, info } = await sharp(png).greyscale().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const quiet = Math.floor((QUIET * width) / Number(viewBox?.split(' ')[2])) - 1;
  const isQuiet = (x: number, y: number): boolean => Math.min(x, y, width - 1 - x, height - 1 - y) < quiet;
  const isEdge = (x: number, y: number): boolean => Math.min(x, y, width - 1 - x, height - 1 - y) < 1;
  return data.filter((grey, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return isQuiet(x, y) && !isEdge(x, y) && grey < 255;
  }).length;
}

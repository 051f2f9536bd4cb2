import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawDigits, OnnxClassifier, parseCard } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { AUDIT_RESULT, type Audited, type AuditResult, audit, CHECKS } from '@pareidolia/lab';
import { countsOf } from '@pareidolia/lab/audit-text';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAudit } from '../../packages/cli/src/audit/write-audit.ts';
import { encodePng } from '../../packages/cli/src/image/png.ts';
import { serveStudio } from '../../packages/cli/src/server/studio-server.ts';
import { accessibilityFaults, fitsWidth, HAS_BROWSER, hostSite, launch, openPage, type Site } from './browser.ts';

const ASSETS = new URL('../../packages/core/assets/', import.meta.url);

/** Slow machines take minutes for what others do in seconds; nothing here depends on how long it takes. */
const PATIENT = 600_000;

/** The parts that tests run to their end. */
const FEW = ['model', 'accuracy', 'garbage'];

/** What the command comes to with the same seed and images. */
async function auditHere(seed: number): Promise<Audited> {
  const network = await OnnxClassifier.load(new Uint8Array(readFileSync(new URL('lenet-digits.onnx', ASSETS))), {
    card: parseCard(JSON.parse(readFileSync(new URL('lenet-digits.card.json', ASSETS), 'utf8'))),
    runtime: nodeRuntime(),
    device: 'cpu',
    threads: 1,
    where: 'lenet-digits.onnx',
  });
  const { images, labels } = drawDigits(500, seed, 55_000);
  const names = Array.from({ length: 500 }, (_, place) => String(place).padStart(5, '0'));
  const audited = await audit(network, {
    seed,
    images: { origin: 'digits', images, labels, names },
    checks: CHECKS.filter(({ name }) => FEW.includes(name)),
    model: { name: 'lenet-digits.onnx', kind: 'embedded', sha256: '', facts: [] },
  });
  await network.dispose();
  return audited;
}

/** Leaves out all parts but a few. */
async function chooseFew(page: Page): Promise<void> {
  await page.getByText(/^Parts:/).click();
  for (const { name, title } of CHECKS) {
    if (!FEW.includes(name)) await page.getByRole('checkbox', { name: title, exact: true }).uncheck();
  }
}

const start = (page: Page): Promise<void> => page.getByRole('button', { name: 'Start the audit' }).click();

async function saved(page: Page, file: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: PATIENT }),
    page.getByRole('button', { name: file, exact: true }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(file);
  return readFileSync(await download.path(), 'utf8');
}

/** What a figure says as far as it does not hang on the last bits of a confidence. */
const coarse = ({ figures }: AuditResult) =>
  figures
    // Whether float32 rounds a confidence to exactly 1 is such a bit.
    .filter(({ id }) => id !== 'saturated')
    .map(({ id, state, counted }) => ({ id, state, counted }));

describe.skipIf(!HAS_BROWSER)('the room Audit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-room-'));
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    [browser, site] = await Promise.all([launch(), hostSite()]);
  });
  afterAll(async () => {
    await browser.close();
    site.server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(url = `${site.url}#audit`): Promise<Awaited<ReturnType<typeof openPage>>> {
    const page = await openPage(browser, url, { reducedMotion: 'reduce' });
    page.setDefaultTimeout(PATIENT / 2);
    await page.getByRole('button', { name: 'Start the audit' }).waitFor();
    // Of this network and this choice, before it is started.
    await page
      .getByTestId('estimate')
      .getByText(/^Roughly .+: some .+ passes/)
      .waitFor();
    return page;
  }

  it(
    'grows check by check, stops with what it has, and is there after other rooms',
    async () => {
      const page = await open();
      expect(await accessibilityFaults(page)).toEqual([]);
      await start(page);
      // By keyboard from here: whoever has started it is where it is shown.
      await page.getByTestId('audit-state').getByText('running').waitFor();
      await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Where the audit stands');
      await page.getByTestId('gallery').getByRole('img').first().waitFor();
      await page.getByText(/^About .* left at the pace so far$/).waitFor();
      const parts = page.getByRole('list', { name: 'Parts of the audit' }).getByRole('listitem');
      expect(await parts.count()).toBe(CHECKS.length);
      // Pictures of earlier parts may be there before this one is done.
      await parts.nth(2).filter({ hasText: ': done' }).waitFor();
      expect(await page.getByTestId('findings-fail').getByText('Garbage: plain black').count()).toBe(1);
      expect(await page.getByTestId('headline').count()).toBe(0);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByTestId('audit-state').getByText('stopped').waitFor();
      expect(await page.getByRole('button', { name: 'report.html' }).count()).toBe(0);
      const found = await page.getByTestId('findings-fail').getByRole('listitem').count();
      expect(found).toBeGreaterThan(0);
      expect(await accessibilityFaults(page)).toEqual([]);

      await page.getByRole('link', { name: 'Quiz' }).click();
      await page.getByRole('button', { name: 'Begin' }).waitFor();
      await page.getByRole('link', { name: 'Audit' }).click();
      await page.getByTestId('audit-state').getByText('stopped').waitFor();
      expect(await page.getByTestId('findings-fail').getByRole('listitem').count()).toBe(found);
      expect(page.complaints).toEqual({ errors: [], foreign: [] });
      await page.context().close();
    },
    PATIENT,
  );

  it(
    'opens findings, and its files say the same as the page and as the audit in Node',
    async () => {
      const page = await open();
      await chooseFew(page);
      await page.getByLabel('It does not pass if').fill('garbage>1%, accuracy<90%');
      await start(page);
      await page.getByTestId('headline').waitFor();
      expect(await page.getByTestId('headline').textContent()).toBe('It accepts images that show nothing');
      const result = AUDIT_RESULT.parse(JSON.parse(await saved(page, 'audit.json')));
      const counts = countsOf(result);

      const here = await auditHere(1);
      expect(coarse(result)).toEqual(coarse(here.result));
      const states = ({ findings }: AuditResult) => findings.map(({ ruleId, state }) => `${ruleId} ${state}`);
      expect(states(result)).toEqual(states(here.result));

      for (const state of ['fail', 'pass'] as const) {
        expect(await page.getByTestId(`findings-${state}`).getByRole('listitem').count()).toBe(counts[state]);
      }
      const gates = page.getByRole('list', { name: 'Gates' }).getByRole('listitem');
      expect(await gates.allTextContents()).toEqual([
        expect.stringMatching(/fail\s+garbage>1%/),
        expect.stringMatching(/pass\s+accuracy<90%/),
      ]);
      const report = await saved(page, 'report.html');
      expect(report).toContain('It accepts images that show nothing');
      expect(report.match(/<article class="finding (?:high|medium|low)">/g)).toHaveLength(counts.fail);
      const sarif = JSON.parse(await saved(page, 'audit.sarif'));
      expect(sarif.runs[0].results.filter(({ kind }: { kind: string }) => kind === 'fail')).toHaveLength(
        counts.fail + counts.gatesFailed,
      );
      const told = await page.getByTestId('counts').textContent();
      expect((await saved(page, 'summary.md')).replaceAll('\u00a0', ' ')).toContain(told!.slice(0, -1));

      await page.getByRole('button', { name: /Garbage: uniform noise/ }).press('Enter');
      const images = page.getByRole('list', { name: 'Images that show it' }).getByRole('img');
      await images.first().waitFor();
      const finding = result.findings.find(({ ruleId }) => ruleId === 'PAR-G001/uniform-noise')!;
      // Some of them were in the page already, the others are asked for.
      await expect.poll(() => images.count()).toBe(finding.pictures.length);
      expect(await page.getByText(finding.names[0]!.id).count()).toBe(1);
      expect(await page.getByText('Fails where the 95 % interval').count()).toBe(1);
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.setViewportSize({ width: 360, height: 740 });
      await fitsWidth(page, 360);
      await page.getByRole('button', { name: /Garbage: uniform noise/ }).click();
      expect(await images.count()).toBe(0);
      expect(page.complaints).toEqual({ errors: [], foreign: [] });
      await page.context().close();
    },
    PATIENT,
  );

  it(
    'points at what is wrong in a gate, takes a folder of pictures with their classes, and says what it cannot use',
    async () => {
      const { images, labels } = drawDigits(20, 5);
      const size = 28 * 28;
      for (const [i, label] of labels.entries()) {
        const own = join(folder, 'photos', String(label));
        mkdirSync(own, { recursive: true });
        const shape = { channels: 1, height: 28, width: 28 } as const;
        writeFileSync(join(own, `${i}.png`), await encodePng(images.data.subarray(i * size, (i + 1) * size), shape));
      }
      writeFileSync(join(folder, 'photos', '0', 'broken.png'), 'no picture');
      const page = await open();
      const gate = page.getByLabel('It does not pass if');
      await gate.fill('garbage>1%, robust<40%');
      expect(await page.getByTestId('gate-error').textContent()).toContain('at character 19');
      expect(await page.getByTestId('gate-error').locator('mark').textContent()).toBe('<');
      expect(await gate.getAttribute('aria-invalid')).toBe('true');
      expect(await page.getByRole('button', { name: 'Start the audit' }).isDisabled()).toBe(true);
      expect(await accessibilityFaults(page)).toEqual([]);
      await gate.fill('');

      writeFileSync(join(folder, 'notes.txt'), 'no picture');
      await page.getByLabel('Open pictures').setInputFiles(join(folder, 'notes.txt'));
      await page.getByRole('alert').getByText('There is no picture among these files').waitFor();
      await page.getByLabel('Open a folder').setInputFiles(join(folder, 'photos'));
      await page.getByRole('radio', { name: '20 of photos/' }).waitFor();
      await page.getByText('The names of their folders are their classes.').waitFor();
      await page.getByText('broken.png').waitFor();
      await chooseFew(page);
      await page.getByRole('checkbox', { name: 'images that show nothing' }).uncheck();
      await start(page);
      await page.getByTestId('headline').waitFor();
      const result = AUDIT_RESULT.parse(JSON.parse(await saved(page, 'audit.json')));
      expect(result.images).toMatchObject({ origin: 'photos/', count: 20, used: 20, labelled: true });
      expect(result.images!.leftOut).toEqual([expect.stringContaining('broken.png')]);
      expect(result.figures.find(({ id }) => id === 'accuracy')!.counted!.of).toBe(20);
      expect(page.complaints.foreign).toEqual([]);
      await page.context().close();
    },
    PATIENT,
  );

  it(
    'by the server keeps its audits as folders, and opens those that a command has written',
    async () => {
      const runs = join(folder, 'runs');
      const earlier = await auditHere(7);
      mkdirSync(join(runs, 'by-command'), { recursive: true });
      await writeAudit(join(runs, 'by-command'), earlier);
      const studio = await serveStudio({
        runs,
        host: '127.0.0.1',
        port: 0,
        threads: 1,
        device: 'cpu',
        token: 'c'.repeat(43),
      });
      try {
        const page = await open(studio.url.replace('#', '#audit&'));
        // The newest is shown at once.
        await page.getByText('in the folder by-command').waitFor();
        await page.getByTestId('gallery').getByRole('img').first().waitFor();
        expect(JSON.parse(await saved(page, 'audit.json'))).toEqual(JSON.parse(JSON.stringify(earlier.result)));
        await chooseFew(page);
        await start(page);
        await page.getByText('in the folder audit-lenet-digits-quick-seed1').waitFor();
        const written = JSON.parse(readFileSync(join(runs, 'audit-lenet-digits-quick-seed1', 'audit.json'), 'utf8'));
        expect(written).toEqual(JSON.parse(await saved(page, 'audit.json')));
        expect(readdirSync(join(runs, 'audit-lenet-digits-quick-seed1', 'pictures'))).toHaveLength(
          written.pictures.length,
        );
        expect(coarse(written)).toEqual(coarse((await auditHere(1)).result));

        await page.reload();
        await page.getByText('in the folder audit-lenet-digits-quick-seed1').waitFor();
        await page.getByRole('combobox', { name: 'Audit', exact: true }).selectOption('by-command');
        await page.getByText('in the folder by-command').waitFor();
        expect(await accessibilityFaults(page)).toEqual([]);
        expect(page.complaints).toEqual({ errors: [], foreign: [] });
        await page.context().close();
      } finally {
        await studio.close();
      }
    },
    PATIENT,
  );
});

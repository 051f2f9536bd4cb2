import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveStudio } from '../../packages/cli/src/server/studio-server.ts';
import { writeTinyNetwork } from '../support/networks.ts';
import { accessibilityFaults, fitsWidth, HAS_BROWSER, launch, openPage } from './browser.ts';

const PROGRAM = new URL('../../packages/cli/bin/pareidolia.js', import.meta.url).pathname;

/** Where pictures of the page are put for people to look at; nowhere when absent. */
const SHOTS = process.env.PAREIDOLIA_SCREENSHOTS;

async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `campaign-${name}.png`), fullPage: true });
}

describe.skipIf(!HAS_BROWSER)('a campaign in the room Watch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'campaign-'));
  const processes: ChildProcess[] = [];
  const env = { ...process.env, PAREIDOLIA_TRUST_MODELS: '1' };
  let browser: Browser;
  beforeAll(async () => {
    process.env.PAREIDOLIA_TRUST_MODELS = '1';
    browser = await launch();
    writeTinyNetwork(join(folder, 'tiny.onnx'));
  });
  afterAll(async () => {
    await browser.close();
    for (const child of processes) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  function campaign(out: string, plan: string, ...options: readonly string[]): ChildProcess {
    mkdirSync(join(folder, 'plans'), { recursive: true });
    const path = join(folder, 'plans', `${out.split('/').at(-1)}.yaml`);
    writeFileSync(path, plan);
    const args = [PROGRAM, 'campaign', 'start', path, '--out', out, ...options];
    const child = spawn(process.execPath, args, { stdio: 'ignore', env });
    processes.push(child);
    return child;
  }

  const lines = (out: string): string[] =>
    existsSync(join(out, 'journal.jsonl'))
      ? readFileSync(join(out, 'journal.jsonl'), 'utf8').trimEnd().split('\n')
      : [];

  const request = { host: '127.0.0.1', port: 0, threads: 1, device: 'cpu', token: 'c'.repeat(43) } as const;

  it('is followed while it runs: units, workers and what they do; it is paused, goes on and is cancelled from here', async () => {
    const runs = join(folder, 'runs');
    const out = join(runs, 'long');
    campaign(
      out,
      `name: long one
models: [${join(folder, 'tiny.onnx')}]
searches:
  - { encodings: [direct, cppn], seeds: 1-4, generations: 99999, batch: 30, epoch: 20 }
`,
      '--local',
      '2',
    );
    await expect.poll(() => lines(out).length, { interval: 50 }).toBeGreaterThan(1);
    const studio = await serveStudio({ ...request, runs, run: out });
    const page = await openPage(browser, studio.url, { reducedMotion: 'reduce' });
    const units = page.getByTestId('units');
    await page.getByText('running, units done').waitFor();
    expect(await page.getByRole('combobox', { name: /^Run/ }).inputValue()).toBe('campaign long');
    const count = async (): Promise<number> =>
      Number(((await units.textContent()) ?? '').replaceAll(/\D*(\d+) of.*/g, '$1'));
    expect(await units.textContent()).toMatch(/^[\d, {2}]+ of 40[, {2}]?000$/);
    const before = await count();
    await expect.poll(count).toBeGreaterThan(before);
    const workers = page.getByTestId('workers').getByRole('listitem');
    await expect.poll(() => workers.count()).toBe(2);
    await expect.poll(() => page.getByTestId('alive').textContent()).toBe('2 alive');
    await expect
      .poll(() => workers.first().textContent())
      .toMatch(/process 1 alive, seen now.*tiny-(direct|cppn)-mutation\/share-0/);
    await expect.poll(() => page.getByTestId('left').textContent()).toMatch(/\d/);
    expect(await page.getByTestId('tasks').getByRole('row').count()).toBe(3);
    expect(await accessibilityFaults(page)).toEqual([]);
    await shoot(page, 'running');
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await accessibilityFaults(page)).toEqual([]);
    await shoot(page, 'running-dark');
    await page.setViewportSize({ width: 360, height: 740 });
    await fitsWidth(page, 360);
    await shoot(page, 'running-360');
    await page.setViewportSize({ width: 1280, height: 900 });

    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('long one is paused: units under way end, no others begin.').waitFor();
    await page.getByText('paused, units done').waitFor();
    await expect.poll(() => page.getByTestId('active').textContent()).toBe('0');
    expect(await page.getByTestId('left').textContent()).toBe('–');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('running, units done').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('cancelled, units done').waitFor();
    await expect.poll(() => page.getByTestId('alive').textContent()).toBe('0 alive');
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
    await studio.close();
  });

  it('that is incomplete says which unit has failed and why; it is tried again from here, and the report is there', async () => {
    const runs = join(folder, 'ended');
    const out = join(runs, 'short');
    const plan = `models: [${join(folder, 'tiny.onnx')}]
searches:
  - { encodings: direct, seeds: 1-2, generations: 9, batch: 10, epoch: 5, exchange: false }
`;
    const child = campaign(out, plan, '--local', '1');
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
    const { archive } = JSON.parse(readFileSync(join(out, 'campaign.json'), 'utf8'));
    expect(archive).toMatch(/^[0-9a-f]{64}$/);
    // As if its last unit had failed.
    const kept = lines(out);
    const { key } = JSON.parse(kept.pop()!);
    writeFileSync(join(out, 'journal.jsonl'), `${kept.join('\n')}\n`);
    writeFileSync(join(out, 'failures.json'), JSON.stringify({ [key]: 'the disk of that machine was full' }));
    const status = JSON.parse(readFileSync(join(out, 'status.json'), 'utf8'));
    writeFileSync(join(out, 'status.json'), JSON.stringify({ ...status, state: 'incomplete', failed: 1, done: 3 }));

    const studio = await serveStudio({ ...request, runs });
    const page = await openPage(browser, studio.url);
    await page.getByText('ended, incomplete, units done').waitFor();
    expect(await page.getByTestId('units').textContent()).toBe('3 of 4');
    expect(await page.getByTestId('failed').textContent()).toBe('1');
    const failures = page.getByTestId('failures').getByRole('listitem');
    expect(await failures.allTextContents()).toEqual([`${key}the disk of that machine was full`]);
    expect(await accessibilityFaults(page)).toEqual([]);
    await shoot(page, 'failed');
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await accessibilityFaults(page)).toEqual([]);
    await shoot(page, 'failed-dark');
    await page.setViewportSize({ width: 360, height: 740 });
    await fitsWidth(page, 360);
    await shoot(page, 'failed-360');
    await page.getByRole('button', { name: 'Try it again' }).click();
    await page.getByText('finished, units done').waitFor();
    expect(await page.getByTestId('units').textContent()).toBe('4 of 4');
    expect(await failures.count()).toBe(0);
    expect(JSON.parse(readFileSync(join(out, 'campaign.json'), 'utf8')).archive).toBe(archive);
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the report' }).click();
    expect((await saving).suggestedFilename()).toBe('short-report.html');
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
    await studio.close();
  });
});

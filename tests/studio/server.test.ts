import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveStudio } from '../../packages/cli/src/server/studio-server.ts';
import { FAULTS, type Faults } from '../support/command.ts';
import { accessibilityFaults, HAS_BROWSER, launch, openPage } from './browser.ts';

const PROGRAM = new URL('../../packages/cli/bin/pareidolia.js', import.meta.url).pathname;

describe.skipIf(!HAS_BROWSER)('the studio by its server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'studio-'));
  const processes: ChildProcess[] = [];
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    for (const child of processes) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  function command(options: readonly string[], faults?: Faults): ChildProcess {
    const child = spawn(process.execPath, [...(faults ? ['--import', FAULTS] : []), PROGRAM, ...options], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
      // The token is kept in the user's cache.
      env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache'), LOCALAPPDATA: join(folder, 'cache'), ...faults },
    });
    processes.push(child);
    return child;
  }

  async function serve(...options: string[]): Promise<{ readonly child: ChildProcess; readonly url: string }> {
    const child = command(['studio', '--no-open', '--json', '--threads', '2', '--token', 'keep', ...options]);
    const line = await new Promise<string>((resolve) =>
      child.stdout?.once('data', (text: Buffer) => resolve(`${text}`)),
    );
    return { child, url: (JSON.parse(line) as { url: string }).url };
  }

  const ended = (child: ChildProcess): Promise<number | null> =>
    new Promise((resolve) => {
      if (child.exitCode !== null) resolve(child.exitCode);
      child.on('exit', resolve);
    });

  it('runs a search as a folder, with the token out of sight, and everything is there after the server was away', async () => {
    const { child, url } = await serve();
    const page = await openPage(browser, url);
    await page.getByRole('button', { name: 'Start' }).waitFor();
    expect(page.url()).not.toContain('token');
    expect(await page.getByTestId('engine').textContent()).toMatch(/onnxruntime-node .*on the local server, 2 threads/);
    await page.getByLabel('Generations').fill('300000');
    await page.getByLabel('Images in each').fill('50');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.getByRole('button', { name: /^9 / }).locator('canvas').waitFor();
    expect(readdirSync(join(folder, 'runs'))).toEqual(['lenet-digits-cppn-seed1']);

    // The server goes, as when a laptop is closed: the page says so, and what was running is saved.
    child.kill('SIGINT');
    expect(await ended(child)).toBe(0);
    await page.getByRole('alert').getByText('The server does not answer').waitFor();
    expect(existsSync(join(folder, 'runs', 'lenet-digits-cppn-seed1', 'checkpoint.json'))).toBe(true);

    // It comes back on the same port, and the page finds it by itself.
    const again = await serve('--port', new URL(url).port);
    expect(again.url).toBe(url);
    // The search had been told to stop before the server went: its button may be there all the time.
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    const before = await page.getByTestId('generation').textContent();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.waitForFunction(
      (text) => document.querySelector('[data-testid=generation]')?.textContent !== text,
      before,
    );
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(page.complaints.foreign).toEqual([]);
    await page.context().close();
    again.child.kill('SIGINT');
    expect(await ended(again.child)).toBe(0);
  });

  it('follows a run that a command is writing, to its end', async () => {
    const out = join(folder, 'elsewhere');
    const words = ['fool', '--emitter', 'mutation', '--encoding', 'direct', '--generations', '100', '--batch', '40'];
    // Before its second checkpoint it waits until the page is there, whoever of the two is faster.
    const faults = { FAULT: 'halt 2', FAULT_FOLDER: out, FAULT_RENAME: 'checkpoint.json' };
    const run = command([...words, '--out', out, '--checkpoint-every', '0'], faults);
    await expect.poll(() => existsSync(join(out, 'checkpoint.json')), { interval: 50 }).toBe(true);
    const { child, url } = await serve('--run', out);
    const page = await openPage(browser, url);
    await page.getByText('running in another process', { exact: true }).waitFor();
    run.kill('SIGCONT');
    await page.getByText('100 of 100').waitFor();
    await page.getByText('finished', { exact: true }).waitFor();
    expect(await ended(run)).toBe(0);
    await page.getByRole('button', { name: /^4 / }).click();
    const ancestors = page.getByRole('list', { name: 'Ancestors, the first one first' }).getByRole('listitem');
    await ancestors.first().waitFor();
    expect(await ancestors.first().textContent()).toContain('gen. 0');
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
    child.kill('SIGINT');
    expect(await ended(child)).toBe(0);
  });

  it('a browser that the command opens has a code in its address, good for one time', async () => {
    const studio = await serveStudio({
      runs: join(folder, 'once'),
      host: '127.0.0.1',
      port: 0,
      threads: 1,
      device: 'cpu',
      token: 'b'.repeat(43),
    });
    const page = await openPage(browser, studio.urlOnce);
    await page.getByRole('button', { name: 'Start' }).waitFor();
    expect(page.url()).not.toContain('code');
    await page.reload();
    await page.getByRole('button', { name: 'Start' }).waitFor();
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    const another = await openPage(browser, studio.urlOnce);
    await another.getByText('The address has no valid token; open the one that the command printed').waitFor();
    await page.context().close();
    await another.context().close();
    await studio.close();
  });

  it('without the token the page says what to do', async () => {
    const { child, url } = await serve();
    const page = await openPage(browser, url.replace(/#.*/, ''));
    await page.getByRole('alert').getByText('open the one that the command printed').waitFor();
    await page.context().close();
    child.kill('SIGINT');
    expect(await ended(child)).toBe(0);
  });
});

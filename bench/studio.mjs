/**
 * @file The studio in Debian's Chromium: how soon it is there, how fast a search in the page is beside the same one by the
 * server, whether the page stays free meanwhile, and what the site weighs.
 */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const CHROMIUM = process.env.PAREIDOLIA_CHROMIUM ?? '/usr/bin/chromium';
const SITE = new URL('../packages/studio/dist/pages/', import.meta.url).pathname;
const PROGRAM = new URL('../packages/cli/bin/pareidolia.js', import.meta.url).pathname;
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
};

export async function bench(print) {
  weigh(print);
  if (!existsSync(CHROMIUM)) {
    print('Chromium is not there, so the pages are not measured');
    return;
  }
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const site = await host();
    const page = await inBrowser(browser, site.url);
    site.server.close();
    const server = await byServer(browser);
    for (const [name, run] of [
      ['in the page', page],
      ['by the server', server],
    ]) {
      print(
        `${name}: first paint ${run.paint.toFixed(0)} ms; a search on the embedded digits reaches a median of 99.99 % after ${(run.reached / 1000).toFixed(2)} s; ${run.rate.toFixed(0)} images/s; longest tasks of the main thread during 200 generations ${run.tasks}`,
      );
    }
    print(`images per second, page over server: ${(page.rate / server.rate).toFixed(2)}`);
  } finally {
    await browser.close();
  }
}

/** Everything that a visitor loads, compressed, in parts. */
function weigh(print) {
  const sizes = { code: 0, network: 0, runtime: 0 };
  for (const name of readdirSync(SITE, { recursive: true }).map(String)) {
    const path = join(SITE, name);
    // The graphics card's build of ONNX Runtime is loaded by those alone who ask for it.
    if (!statSync(path).isFile() || name.includes('asyncify')) continue;
    const part = name.endsWith('.wasm') ? 'runtime' : name.endsWith('.onnx') ? 'network' : 'code';
    sizes[part] += gzipSync(readFileSync(path)).length;
  }
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(0)} kB`;
  print(
    `the site, compressed: ${kilobytes(sizes.code)} of code and style, ${kilobytes(sizes.network)} the network, ${kilobytes(sizes.runtime)} ONNX Runtime`,
  );
}

async function host() {
  const server = createServer((request, response) => {
    const name = new URL(request.url, 'http://site').pathname.slice(1) || 'index.html';
    const path = join(SITE, name);
    if (!existsSync(path)) return response.writeHead(404).end();
    // Isolated from other origins, as the service worker makes it from the second load on.
    response.writeHead(200, {
      'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    return response.end(readFileSync(path));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${server.address().port}/#watch` };
}

async function byServer(browser) {
  const folder = mkdtempSync(join(tmpdir(), 'studio-bench-'));
  const child = spawn(process.execPath, [PROGRAM, 'studio', '--no-open', '--json', '--runs', join(folder, 'runs')], {
    env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const line = await new Promise((resolve) => child.stdout.once('data', (text) => resolve(`${text}`)));
    return await inBrowser(browser, JSON.parse(line).url);
  } finally {
    child.kill('SIGINT');
    await new Promise((resolve) => child.on('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function inBrowser(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.longTasks.push(duration);
    }).observe({ type: 'longtask', buffered: true });
  });
  await page.goto(url);
  await page.getByRole('button', { name: 'Start' }).waitFor();
  const paint = await page.evaluate(
    () => performance.getEntriesByType('paint').find(({ name }) => name === 'first-contentful-paint')?.startTime ?? 0,
  );
  await page.evaluate(() => {
    globalThis.longTasks.length = 0;
  });
  const begin = performance.now();
  await page.getByRole('button', { name: 'Start' }).click();
  await page.waitForFunction(() => {
    const text = document.querySelector('[data-testid=median]')?.textContent ?? '';
    return Number.parseFloat(text) >= 99.99;
  });
  const reached = performance.now() - begin;
  await page.getByText('201 of 201').waitFor({ timeout: 300_000 });
  const seconds = (performance.now() - begin) / 1000;
  const tasks = await page.evaluate(() =>
    globalThis.longTasks
      .map(Math.round)
      .sort((a, b) => b - a)
      .slice(0, 3),
  );
  await context.close();
  const told = tasks.length === 0 ? 'under 50 ms' : `${tasks.join(', ')} ms`;
  return { paint, reached, rate: (201 * 200) / seconds, tasks: told };
}

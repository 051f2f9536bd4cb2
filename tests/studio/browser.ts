/** @file A real browser for the tests of the studio: Debian's Chromium, driven by Playwright. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

const CHROMIUM = process.env.PAREIDOLIA_CHROMIUM ?? '/usr/bin/chromium';

/** Whether there is a browser; the tests are skipped where there is none. */
export const HAS_BROWSER = existsSync(CHROMIUM);

export const SITE = new URL('../../packages/studio/dist/pages/', import.meta.url).pathname;

export function launch(): Promise<Browser> {
  return launchWith(['--disable-gpu']);
}

/** A browser with WebGPU over a software driver. */
export function launchWithWebGpu(): Promise<Browser> {
  return launchWith(['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']);
}

function launchWith(args: readonly string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', ...args],
  });
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

export interface Site {
  readonly url: string;
  readonly server: Server;
}

/** A static host as plain as there are: files, and no headers but their types. */
export async function hostSite(): Promise<Site> {
  const files = new Set(readdirSync(SITE, { recursive: true }).map(String));
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://site').pathname.slice(1) || 'index.html';
    if (!files.has(path)) return response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream' });
    return response.end(readFileSync(join(SITE, path)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

/** Milliseconds until what does not come is given up: far more than a busy machine needs. */
const PATIENCE = 240_000;

/** Everything that went wrong in a page, and every request that left its origin. */
export interface Complaints {
  readonly errors: string[];
  readonly foreign: string[];
}

/**
 * Opens a page and listens for complaints.
 *
 * @param options.demonstration whether the search that begins by itself may do so; it would be in the way of most tests
 */
export async function openPage(
  browser: Browser,
  url: string,
  { demonstration = false, ...options }: Parameters<Browser['newContext']>[0] & { demonstration?: boolean } = {},
): Promise<Page & { readonly complaints: Complaints }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  if (!demonstration) await context.addInitScript(() => localStorage.setItem('pareidolia-demonstration', 'off'));
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const complaints: Complaints = { errors: [], foreign: [] };
  const { origin } = new URL(url);
  page.on('pageerror', (error) => complaints.errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.errors.push(message.text());
  });
  page.on('request', (request) => {
    const target = new URL(request.url());
    if (target.protocol.startsWith('http') && target.origin !== origin) complaints.foreign.push(request.url());
  });
  await page.goto(url);
  return Object.assign(page, { complaints });
}

/** What axe-core finds wrong with the page as it stands, a line for each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // As a function of the page, for the page's own policy allows no script that is put into it.
  const results = await page.evaluate(`${axe.source}; axe.run(document, { resultTypes: ['violations'] })`);
  const { violations } = results as axe.AxeResults;
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help} at ${target.join(' ')} (${failureSummary})`),
  );
}

/** Waits until nothing sticks out at the side; parts that measure themselves come to it a little later than the window. */
export async function fitsWidth(page: Page, width: number): Promise<void> {
  await page.waitForFunction((most) => document.documentElement.scrollWidth <= most, width);
}

/** Waits until the page has been drawn that many times. */
export async function frames(page: Page, count: number): Promise<void> {
  await page.evaluate(async (left) => {
    for (let i = 0; i < left; i++) await new Promise((drawn) => requestAnimationFrame(drawn));
  }, count);
}

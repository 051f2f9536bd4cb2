import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import { Random } from '@pareidolia/core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveStudio } from '../../packages/cli/src/server/studio-server.ts';
import { accessibilityFaults, fitsWidth, HAS_BROWSER, hostSite, launch, openPage, type Site } from './browser.ts';

/** A network that ends in a softmax, and takes the mean of all images of a call off each: they influence each other. */
function coupled(): Uint8Array {
  const random = Random.stream(1, 1);
  const [inputs, classes] = [64, 5];
  const b = new GraphBuilder();
  b.input('image', 'float32', ['N', 1, 8, 8]);
  // A share of the mean: an image alone still says something.
  const share = b.constant({ type: 'float32', dims: [1], data: Float32Array.of(0.5) });
  const axes = b.constant({ type: 'int64', dims: [1], data: BigInt64Array.of(0n) });
  const mean = b.op('Mul', [b.op('ReduceMean', ['image', axes], { keepdims: 1 }), share]);
  const weights = Float32Array.from({ length: inputs * classes }, () => 3 * random.normal());
  const product = b.op('MatMul', [
    b.op('Flatten', [b.op('Sub', ['image', mean])], { axis: 1 }),
    b.constant({ type: 'float32', dims: [inputs, classes], data: weights }),
  ]);
  b.output(b.op('Softmax', [product], { axis: 1 }, 'scores'));
  return writeModel(b.build());
}

describe.skipIf(!HAS_BROWSER)('what is said of the network that is chosen', () => {
  const folder = mkdtempSync(join(tmpdir(), 'notes-'));
  const file = join(folder, 'coupled.onnx');
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    writeFileSync(file, coupled());
    [browser, site] = await Promise.all([launch(), hostSite()]);
  });
  afterAll(async () => {
    await browser.close();
    site.server.close();
    rmSync(folder, { recursive: true });
  });

  async function expectNotes(page: Page): Promise<void> {
    const notes = page.getByTestId('model-notes');
    await notes.getByText(/^scores is probabilities, .*\.$/).waitFor();
    await notes.getByText(/^coupled\.onnx scores an image by the images beside it .* one image at a time/).waitFor();
  }

  it('is what its outputs were taken for and how it is run, in the page', async () => {
    const page = await openPage(browser, `${site.url}#watch`);
    const notes = page.getByTestId('model-notes');
    await notes.getByRole('paragraph').getByText('holds logits, as the card says').waitFor();
    expect(await notes.getByRole('paragraph').count()).toBe(1);
    await page.locator('input[type=file]').first().setInputFiles(file);
    await expectNotes(page);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    await fitsWidth(page, 360);
    // Back to the first one, of which there is less to say.
    await page.getByLabel('Network').selectOption({ index: 0 });
    await page.waitForFunction(() => document.querySelectorAll('[data-testid=model-notes] p').length === 1);
    expect(page.complaints).toEqual({ errors: [], foreign: [] });
    await page.context().close();
  });

  it('is the same by the server', async () => {
    const studio = await serveStudio({
      model: file,
      runs: join(folder, 'runs'),
      host: '127.0.0.1',
      port: 0,
      threads: 1,
      device: 'cpu',
      token: 'a-token-for-this-test-alone',
    });
    try {
      const page = await openPage(browser, studio.url);
      await expectNotes(page);
      expect(page.complaints).toEqual({ errors: [], foreign: [] });
      await page.context().close();
    } finally {
      await studio.close();
    }
  });
});

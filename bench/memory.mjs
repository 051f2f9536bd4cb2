/**
 * @file Memory of a large archive: 1000 classes of 256 x 256 color images in direct encoding, every cell held by another
 * image, and batches of 200 going on meanwhile. Aim: under 1 GB resident in all.
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CLASSES = 1000;

export async function bench(print) {
  const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), 'run'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  print(child.stdout.trim());
}

async function run() {
  const { openSearch, resolveSearch } = await import('@pareidolia/core');
  const shape = { channels: 3, height: 256, width: 256 };
  // Each image gets one class for itself, so that after five generations no two cells share an image.
  let next = 0;
  const scorer = {
    shape,
    async predict({ count }) {
      const data = new Float32Array(count * CLASSES);
      for (let row = 0; row < count; row++) data[row * CLASSES + (next++ % CLASSES)] = 0.5 + next * 1e-7;
      return { count, numClasses: CLASSES, data };
    },
  };
  const search = openSearch(resolveSearch({ encoding: 'direct', generations: 11 }, shape), {
    scorer,
    classIndices: Array.from({ length: CLASSES }, (_, i) => i),
    seed: 1,
  });
  let report;
  while (!search.isDone) report = await search.scheduler.step();
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${report.distinctImages} different elites of 256x256 color, direct encoding: peak ${peak.toFixed(0)} MiB resident (aim < 954 MiB = 1 GB)`,
  );
}

if (process.argv[2] === 'run') await run();

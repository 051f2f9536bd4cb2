/**
 * @file Draws what `bench/emitters.mjs` has measured: `node bench/emitters-chart.mjs runs.jsonl folder` writes a chart for each network
 * and encoding, the worst class of the first seed over evaluations.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { drawChart, lineChart } from '@pareidolia/lab';

const TICKS = [-3, -2, -1, 0, 1, 2, 3, 4];
const LABELS = ['0.1', '1', '9', '50', '91', '99', '99.9', '99.99'];

const [file, folder] = process.argv.slice(2);
const runs = (await readFile(file, 'utf8'))
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const groups = Map.groupBy?.(runs, ({ network, encoding }) => `${network}-${encoding}`) ?? group(runs);

function group(all) {
  const found = new Map();
  for (const run of all) {
    const key = `${run.network}-${run.encoding}`;
    found.set(key, [...(found.get(key) ?? []), run]);
  }
  return found;
}

const odds = (p) => Math.min(4.2, Math.max(-3, Math.log10(Math.max(p, 1e-9) / Math.max(1 - p, 1e-9))));

for (const [name, all] of groups) {
  const points = all
    .filter(({ seed }) => seed === 1)
    .flatMap(({ emitter, curve }) => {
      const last = curve.length - 1;
      const kept = curve.filter((_, i) => i === last || i === 0 || curve[i][0] / curve[i - 1][0] > 1.02 || i % 8 === 0);
      return kept.map(([x, worst]) => ({ x, series: emitter, value: odds(worst) }));
    });
  const labelExpr = `datum.value === -3 ? '0.1 %' : ${TICKS.map((tick, i) => `datum.value === ${tick} ? '${LABELS[i]} %'`).join(' : ')} : ''`;
  const spec = lineChart(
    points,
    { title: 'evaluations', format: '~s', log: true },
    { domain: [-3, 4.2], values: TICKS, labelExpr },
  );
  const svg = await drawChart({ spec });
  const path = `${folder}/emitters-${name}.svg`;
  const framed = svg.replace('<svg ', '<svg width="640" style="background: white" ');
  await writeFile(path, `${framed}\n`);
  console.log(path);
}

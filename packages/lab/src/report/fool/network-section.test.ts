import { expect, it } from 'vitest';
import { reportData } from '../../testing/fool-report-data.ts';
import { renderFoolReport } from './fool-report.ts';

const network = (model: string, searched: boolean, fooled: number) => ({
  model,
  searched,
  confidences: [0.25, 0.5, 0.75],
  fooled,
});

it('says of each network how many images it takes for their class, with the exact interval', async () => {
  const networks = [network('a.onnx', true, 3), network('b.onnx', true, 3), network('c.onnx', false, 0)];
  const page = await renderFoolReport(reportData({ networks }));
  expect(page).toContain('the least certain of the 2 searched networks');
  expect(page).toContain('3 of 3');
  // Clopper and Pearson: none of three is up to 1 - .025^(1/3).
  expect(page).toContain(`0\u00a0% to 70.8\u00a0%`);
  expect(page).toContain('50\u00a0% (37.5\u00a0% to 62.5\u00a0%)');
});

it('is left out where one network was searched and none looked on', async () => {
  expect(await renderFoolReport(reportData())).not.toContain('Each network by itself');
});

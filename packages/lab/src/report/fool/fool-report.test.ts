import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { classResult, history, reportData } from '../../testing/fool-report-data.ts';
import { renderFoolReport } from './fool-report.ts';
import type { FoolReportData } from './fool-report-data.ts';

const many = (count: number): Pick<FoolReportData, 'classes' | 'searched'> => ({
  searched: count,
  classes: Array.from({ length: count }, (_, index) => classResult(index, { confidence: 1 - 0.5 / (index + 1) })),
});

/** Classes of the tiles in the gallery with the given id, or of all tiles. */
function tiles(page: string): number[] {
  return [...page.matchAll(/<li class="tile[^>]*data-class="(\d+)"/g)].map(([, index]) => Number(index));
}

describe('a report', () => {
  it('shows every class with label, confidence, picture and a link to its file', async () => {
    const page = await renderFoolReport(reportData());
    expect(tiles(page)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(page.match(/<img src="data:image\/png;base64,/g)).toHaveLength(10);
    for (let index = 0; index < 10; index++) {
      expect(page).toContain(`<h3 title="label ${index}">label ${index}</h3>`);
      expect(page).toContain(`href="elites/${index}.png"`);
    }
    expect(page.match(/<p class="confidence">99\.99\u00a0%<\/p>/g)).toHaveLength(10);
  });

  it('says who made an image and its ancestors, where several took part', async () => {
    const ancestors = [
      { emitter: 'mutation', count: 1200 },
      { emitter: undefined, count: 2 },
    ];
    const classes = [
      classResult(0, { lineage: { emitter: 'cma-me', ancestors } }),
      classResult(1, { lineage: { emitter: 'mutation', ancestors: [{ emitter: 'mutation', count: 3 }] } }),
      classResult(2, { lineage: { emitter: 'mutation', ancestors: [] } }),
      classResult(3),
    ];
    const page = await renderFoolReport(reportData({ classes }));
    expect([...page.matchAll(/<p class="lineage">([^<]*)</g)].map(([, text]) => text)).toEqual([
      'by cma-me; of its ancestors 1,200 by mutation, 2 by an emitter that was not noted',
      'by mutation, as are its 3 ancestors',
      'by mutation, without ancestors',
    ]);
  });

  it.each([
    ['straight-through', true],
    ['exact', false],
  ] as const)('says where gradients are an estimate (%s)', async (gradientKind, says) => {
    const page = await renderFoolReport(reportData({ gradientKind }));
    expect(page.includes('its gradients are an estimate (straight-through')).toBe(says);
  });

  it('loads nothing from anywhere', async () => {
    const page = await renderFoolReport(reportData({ history: history(50) }));
    expect(page.match(/<figure>/g)).toHaveLength(4);
    const namespaces = /xmlns(:\w+)?="[^"]*"/g;
    expect(page.replace(namespaces, '')).not.toMatch(/https?:|<link|@import|url\(|src="(?!data:)/);
  });

  it('allows no script but its own', async () => {
    const page = await renderFoolReport(reportData());
    const [, script] = /<script>([\s\S]*?)<\/script>/.exec(page)!;
    const hash = createHash('sha256').update(script!).digest('base64');
    expect(page).toContain(`script-src &#39;sha256-${hash}&#39;`);
    expect(page).toContain('default-src &#39;none&#39;');
  });

  it('escapes whatever text comes with the data', async () => {
    const evil = '"><script>alert(1)</script>';
    const classes = [0, 1].map((index) =>
      classResult(index, { className: evil, argmax: 5, argmaxName: evil, file: `elites/${evil}.png`, id: 1 }),
    );
    const page = await renderFoolReport(
      reportData({
        classes,
        settings: [[evil, evil]],
        command: evil,
        model: { name: evil, sha256: evil, classes: 2 },
      }),
    );
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toContain('alert(1)</script>');
  });

  it('marks an image for which the network answers another class', async () => {
    const other = classResult(1, { confidence: 0.3, argmax: 7, argmaxName: 'seven' });
    const page = await renderFoolReport(reportData({ classes: [classResult(0), other] }));
    expect(page.match(/<p class="other"/g)).toHaveLength(1);
    expect(page).toContain('answers seven</p>');
  });

  it('says which classes share an image', async () => {
    const classes = [
      classResult(0, { id: 4 }),
      classResult(1, { id: 4, className: 'hen, bird' }),
      ...[2, 3, 4, 5, 6].map((index) => classResult(index, { id: 9 })),
    ];
    const page = await renderFoolReport(reportData({ classes }));
    expect(page).toContain('same image as hen</p>');
    expect(page.match(/same image as 4 other classes/g)).toHaveLength(5);
  });

  it('names the settings and the command that does it again', async () => {
    const page = await renderFoolReport(
      reportData({ settings: [['batch', '200']], command: 'npx pareidolia fool --seed 7' }),
    );
    expect(page).toContain('<th scope="row">batch</th><td>200</td>');
    const command = /<pre id="command">(.*?)<\/pre>/.exec(page)![1]!;
    expect(command.replace(/<\/?span>/g, '')).toBe('npx pareidolia fool --seed 7');
    expect(page).toContain('00ff');
  });

  it('of many classes opens with ten different images, the most certain first, and the ten hardest classes, and closes with all', async () => {
    const { searched, classes } = many(30);
    const shared = classes.map((result) => (result.classIndex >= 28 ? { ...result, id: 28 } : result));
    const page = await renderFoolReport(reportData({ searched, classes: shared }));
    expect(tiles(page)).toEqual([
      29,
      ...[27, 26, 25, 24, 23, 22, 21, 20, 19],
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      ...shared.map((result) => result.classIndex),
    ]);
    expect(page).toContain('id="tools"');
  });

  it('of few classes has no tools to search them', async () => {
    expect(await renderFoolReport(reportData())).not.toContain('id="tools"');
  });

  it('shows small images with square pixels and large ones smoothly', async () => {
    expect(await renderFoolReport(reportData())).toContain('class="gallery few pixels"');
    const shape = { channels: 3, height: 227, width: 227 } as const;
    expect(await renderFoolReport(reportData({ shape }))).toContain('class="gallery few"');
  });

  it('says so where pictures are left out, and still links their files', async () => {
    const png = new Uint8Array(9_000_000);
    const classes = [0, 1].map((index) => classResult(index, { png }));
    const page = await renderFoolReport(reportData({ classes }));
    expect(page).toContain('1 image is left out');
    expect(page).toContain('href="elites/1.png"');
  });

  it('of a run without images or history still stands', async () => {
    const page = await renderFoolReport(reportData({ classes: [], searched: 3, history: [] }));
    expect(page).toContain('No image yet');
    expect(page).not.toContain('<figure>');
  });

  it('says how the images came about, and which are kept', async () => {
    const page = await renderFoolReport(reportData({ origin: 'They fell from the sky.', kept: 'The best one stays.' }));
    expect(/<p class="lead">(.*?)<\/p>/.exec(page)![1]).toContain('They fell from the sky.');
    expect(page).toContain('The best one stays.');
  });
});

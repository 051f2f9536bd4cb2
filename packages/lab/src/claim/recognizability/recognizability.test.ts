import { expect, it } from 'vitest';
import type { Finding } from '../../finding/finding.ts';
import { tinyWorkbench } from '../../testing/workbench.ts';
import { recognizability } from './recognizability.ts';

it('another network reads clean digits, and the quiz asks for one of four labels', async () => {
  const bench = await tinyWorkbench();
  try {
    const finding = (await recognizability.run(bench)) as Finding;
    const { rows } = finding.tables[0]!;
    const clean = rows.map((row) => Number.parseFloat(row[3]!));
    // The perceptron, then mean images.
    expect(clean[0]).toBeGreaterThan(70);
    expect(clean[1]).toBeGreaterThan(50);
    const { questions } = finding.quiz!;
    expect(questions.length).toBeGreaterThan(4);
    for (const { labels, right, planes } of questions) {
      expect(new Set(labels).size).toBe(4);
      expect(labels[right]).toBeDefined();
      expect(planes.length).toBe(784);
    }
    // Every question is about another class.
    expect(new Set(questions.map(({ labels, right }) => labels[right])).size).toBe(questions.length);
  } finally {
    await bench.dispose();
  }
});

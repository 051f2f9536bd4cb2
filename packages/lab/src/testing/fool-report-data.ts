/** @file Data of reports for tests. */

import type { ClassResult, FoolReportData, HistoryRow } from '../report/fool/fool-report-data.ts';

/** Stands for a PNG; only its signature is true. */
export const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** One class, fooled, with an image of its own. */
export function classResult(index: number, changes: Partial<ClassResult> = {}): ClassResult {
  return {
    classIndex: index,
    className: `label ${index}`,
    confidence: 0.9999,
    argmax: index,
    argmaxName: `label ${index}`,
    file: `elites/${index}.png`,
    png: PNG,
    id: index,
    ...changes,
  };
}

/** A history that rises from certainty 0.1 towards 1. */
export function history(length: number): HistoryRow[] {
  return Array.from({ length }, (_, generation) => {
    const confidence = 1 - 0.9 / (generation + 1);
    return {
      generation,
      evaluations: 200 * (generation + 1),
      seconds: generation / 10,
      mean: confidence,
      median: confidence,
      worst: confidence / 2,
      shareAbove90: confidence,
      shareAbove99: confidence / 2,
      shareAbove9999: confidence / 4,
      distinctImages: 10,
      replacements: 10 + generation,
    };
  });
}

/** A complete run of ten classes; without history, as charts take time to draw. */
export function reportData(changes: Partial<FoolReportData> = {}): FoolReportData {
  const classes = changes.classes ?? Array.from({ length: 10 }, (_, index) => classResult(index));
  const { generation: _, evaluations, seconds, ...statistics } = history(50).at(-1)!;
  return {
    model: { name: 'digits.onnx', sha256: '00ff', classes: classes.length },
    origin: 'Each image is drawn by a CPPN.',
    kept: 'One elite for each class.',
    settings: [['seed', '1']],
    command: 'npx pareidolia fool --seed 1',
    evaluations,
    seconds,
    evaluationsPerSecond: 2000,
    shape: { channels: 1, height: 28, width: 28 },
    searched: classes.length,
    statistics,
    history: [],
    classes,
    ...changes,
  };
}

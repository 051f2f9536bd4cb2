/** @file The public face of the lab. */

export * from './chart/chart-data.ts';
export * from './chart/draw-chart.ts';
export * from './chart/line-chart.ts';
export * from './claim/claim.ts';
export * from './claim/registry.ts';
export * from './finding/finding.ts';
export * from './finding/gallery.ts';
export * from './finding/quiz.ts';
export * from './finding/table.ts';
export * from './format/format.ts';
export * from './report/attack/attack-report.ts';
export * from './report/attack/attack-report-data.ts';
export * from './report/attack/attack-summary.ts';
export * from './report/fool/fool-report.ts';
export * from './report/fool/fool-report-data.ts';
export type { MakePreview } from './report/fool/thumbnails.ts';
export * from './report/reproduce/reproduce-report.ts';
export * from './report/score/score-report.ts';
export * from './report/score/score-run.ts';
export * from './report/score/trial-summary.ts';
export * from './statistics/quartiles.ts';
export * from './workbench/balanced-subset.ts';
export * from './workbench/evolve.ts';
export * from './workbench/memory-workbench.ts';
export * from './workbench/trained-network.ts';
export * from './workbench/workbench.ts';

/** @file The public face of the audit. */

export * from './audit.ts';
export * from './baseline/baseline.ts';
export * from './bench.ts';
export * from './check.ts';
export * from './checks/registry.ts';
export * from './comparison/compare-audits.ts';
export * from './comparison/compared-audit.ts';
export * from './comparison/comparison.ts';
export * from './comparison/comparison-csv.ts';
export * from './comparison/comparison-markdown.ts';
export * from './comparison/comparison-terminal.ts';
export * from './comparison/measured-of.ts';
export * from './gates/figures.ts';
export * from './gates/gate.ts';
export * from './model-facts.ts';
export * from './outputs/csv.ts';
export * from './outputs/junit.ts';
export * from './outputs/markdown.ts';
export * from './outputs/sarif.ts';
export * from './outputs/terminal.ts';
export * from './result/figure.ts';
export * from './result/result.ts';
export * from './rule.ts';
export * from './rules/registry.ts';
export { type AuditSearch, SEARCHES as AUDIT_SEARCHES } from './searches/searches.ts';
export * from './share-verdict.ts';
export * from './singles/single-answers.ts';

/** @file What a page needs to show an audit, without the audit itself: numbers and findings as words, and gates read. */

export { GATE_FIGURES, type GateFigure } from './gates/figures.ts';
export { type Gate, GateError, parseGates } from './gates/gate.ts';
export { type AuditCounts, bySeverity, countsOf, countsText, isGateFailed } from './outputs/counts.ts';
export { sentence } from './outputs/plain-text.ts';
export { countedText, intervalText, valueText } from './result/figure-text.ts';

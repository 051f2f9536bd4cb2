/** @file Gates: conditions under which an audit fails, such as `garbage>1%` and `robust@8/255<40%`. */

import { InputError, type Norm } from '@pareidolia/core';
import { formatEpsilon } from '../../format/format.ts';
import type { Radii } from '../bench.ts';
import type { Figure } from '../result/figure.ts';
import { formatValue, intervalText, valueText } from '../result/figure-text.ts';
import type { AuditGate } from '../result/result.ts';
import { sideOf } from '../share-verdict.ts';
import { GATE_FIGURES, type GateFigure } from './figures.ts';

/** A condition under which the audit fails. */
export interface Gate extends Pick<AuditGate, 'text' | 'figure' | 'operator' | 'limit'> {
  /** Of a gate on robustness: the ball that is asked about. */
  readonly ball?: { readonly norm: Norm; readonly epsilon: number };
}

/** A text that is no list of gates. */
export class GateError extends InputError {
  /** The place of the first character that is wrong, from 0 on; the text's length where something is missing at its end. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/**
 * Reads gates from a text, separated by commas.
 *
 * @throws GateError that points at the first character that is wrong, or at the first of a name or number that is
 */
export function parseGates(text: string): readonly Gate[] {
  const scanner = new Scanner(text);
  const gates = [parseGate(scanner)];
  while (scanner.take(/,/) !== undefined) gates.push(parseGate(scanner));
  if (!scanner.isAtEnd) throw scanner.wrong(scanner.at, 'a gate ends here; put a comma before the next');
  return gates;
}

/** The id of a figure that is about a ball: `robust@linf:8/255`. The same radius has the same id, however it was written. */
export function ballFigureId(name: string, norm: Norm, epsilon: number): string {
  return `${name}@${norm}:${formatEpsilon(epsilon)}`;
}

/** How much of a wrong text is shown. */
const LONGEST = 40;

/** Goes through a text once, and knows where it is. */
class Scanner {
  at = 0;
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at === this.text.length;
  }

  /** What the pattern finds right here; the place moves behind it. */
  take(pattern: RegExp): string | undefined {
    const sticky = new RegExp(pattern, 'y');
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  wrong(at: number, what: string): GateError {
    const rest = this.text.slice(at);
    const place = rest.trim() === '' ? 'its end' : `"${rest.length > LONGEST ? `${rest.slice(0, LONGEST)}…` : rest}"`;
    return new GateError(`The gate is wrong at character ${at + 1}, at ${place}: ${what}`, at);
  }
}

function parseGate(scanner: Scanner): Gate {
  scanner.take(/\s*/);
  const start = scanner.at;
  const name = scanner.take(/[^\s<>=@,]+/);
  if (name === undefined) throw scanner.wrong(start, 'a figure is missing; write for example garbage>1%');
  const known = GATE_FIGURES.find(({ pattern }) => pattern.test(name));
  if (known === undefined) {
    const all = GATE_FIGURES.map((each) => each.name).join(', ');
    throw scanner.wrong(start, `there is no figure "${name}"; choose from ${all}`);
  }
  const ball = parseBall(scanner, name, known);
  scanner.take(/\s*/);
  const operator = scanner.take(/<=|>=|<|>/);
  if (operator === undefined) throw scanner.wrong(scanner.at, 'a <, <=, > or >= is missing, for example garbage>1%');
  const limit = parseLimit(scanner, name, known);
  const text = scanner.text.slice(start, scanner.at);
  scanner.take(/\s*/);
  const common = { text, operator: operator as Gate['operator'], limit };
  return ball === undefined
    ? { ...common, figure: name }
    : { ...common, figure: ballFigureId(name, ball.norm, ball.epsilon), ball };
}

function parseBall(scanner: Scanner, name: string, { hasBall }: GateFigure): Gate['ball'] {
  const start = scanner.at;
  if (scanner.take(/@/) === undefined) {
    if (hasBall) throw scanner.wrong(start, `${name} needs a radius, for example ${name}@8/255 or ${name}@l2:0.5`);
    return undefined;
  }
  if (!hasBall) throw scanner.wrong(start, `${name} has no radius; leave it out`);
  const radius = scanner.at;
  const norm = scanner.take(/(?:linf|l2|l1|l0):/)?.slice(0, -1) ?? 'linf';
  const [above, below] = (scanner.take(/\d*\.?\d+(?:e-?\d+)?(?:\/\d*\.?\d+)?/) ?? '').split('/');
  const epsilon = Number(above === '' ? Number.NaN : above) / Number(below ?? 1);
  // At least what six digits can tell from zero.
  if (!(epsilon > 0 && Number.isFinite(epsilon)) || !/^[0-9./e-]+$/.test(formatEpsilon(epsilon))) {
    throw scanner.wrong(radius, 'this is no radius; write for example 8/255, 0.3 or l2:0.5');
  }
  return { norm: norm as Norm, epsilon };
}

function parseLimit(scanner: Scanner, name: string, { isShare }: GateFigure): number {
  scanner.take(/\s*/);
  const start = scanner.at;
  const digits = scanner.take(/[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/i);
  const number = Number(digits);
  if (digits === undefined || !Number.isFinite(number))
    throw scanner.wrong(start, 'a number is missing, such as 1% or 0.01');
  const before = scanner.at;
  scanner.take(/\s*/);
  const percent = scanner.at;
  if (scanner.take(/%/) === undefined) scanner.at = before;
  else if (!isShare) throw scanner.wrong(percent, `${name} is no share; leave out the %`);
  // Divided, not multiplied by 0.01: 1 % is the number nearest to 1/100.
  const value = scanner.at === before ? number : number / 100;
  if (isShare && !(value >= 0 && value <= 1)) {
    throw scanner.wrong(start, `${name} is a share, from 0 to 1 or from 0% to 100%`);
  }
  return value;
}

/** The radii that gates ask about. */
export function radiiOf(gates: readonly Gate[]): Radii {
  const radii: Partial<Record<Norm, readonly number[]>> = {};
  for (const { ball } of gates) {
    if (ball === undefined) continue;
    const before = radii[ball.norm] ?? [];
    radii[ball.norm] = [...new Set([...before, ball.epsilon])].sort((a, b) => a - b);
  }
  return radii;
}

/**
 * Holds a gate against what was measured. What was not shown does not pass.
 *
 * @param figures by id; those that were measured, and the counts of findings
 */
export function judgeGate(gate: Gate, figures: ReadonlyMap<string, Figure>): AuditGate {
  const { text, figure: id, operator, limit } = gate;
  const common = { text, figure: id, operator, limit };
  const figure = figures.get(id);
  if (figure === undefined || figure.value === null) {
    const why = figure?.why ?? `The audit has no figure ${id}`;
    return { ...common, state: 'inconclusive', sentence: `${why}, so the gate is not passed` };
  }
  const { value, interval, unit } = figure;
  const isMet = { '<': value < limit, '<=': value <= limit, '>': value > limit, '>=': value >= limit }[operator];
  const range = interval === null ? '' : ` (95 % interval ${intervalText(figure)})`;
  const sentence = `${figure.title} is ${valueText(figure)}${range}; the gate fails at ${operator} ${formatValue(limit, unit)}`;
  if (isMet) return { ...common, state: 'fail', sentence };
  if (figure.state === 'inconclusive') {
    return { ...common, state: 'inconclusive', sentence: `${sentence}; ${figure.why ?? 'the figure is in doubt'}` };
  }
  const open = interval !== null && sideOf(figure, limit) === 'open';
  return { ...common, state: 'pass', sentence: open ? `${sentence}; the interval reaches over the limit` : sentence };
}

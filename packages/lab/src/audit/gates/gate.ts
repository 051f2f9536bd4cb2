/** @file Gates: conditions under which an audit fails, such as `garbage>1%` and `robust@8/255<40%`. */

import { InputError, type Norm } from '@pareidolia/core';
import { formatPercent } from '../../format/format.ts';
import type { Radii } from '../bench.ts';
import type { Figure } from '../result/figure.ts';
import type { AuditGate } from '../result/result.ts';
import { sideOf } from '../share-verdict.ts';
import { GATE_FIGURES } from './figures.ts';

/** A condition under which the audit fails. */
export interface Gate extends Pick<AuditGate, 'text' | 'figure' | 'operator' | 'limit'> {
  /** Of a gate on robustness: the ball that is asked about. */
  readonly ball?: { readonly norm: Norm; readonly epsilon: number };
}

const GATE =
  /^\s*(?<name>[^<>=@\s]+)(?:@(?<ball>[^<>=\s]+))?\s*(?<operator><=|>=|<|>)\s*(?<limit>[^\s%]+)\s*(?<percent>%)?\s*$/;

/**
 * Reads gates from a text, separated by commas.
 *
 * @throws InputError that points at the first character that is wrong
 */
export function parseGates(text: string): readonly Gate[] {
  const gates: Gate[] = [];
  let start = 0;
  for (const part of text.split(',')) {
    gates.push(parseGate(part, text, start));
    start += part.length + 1;
  }
  return gates;
}

function parseGate(part: string, whole: string, start: number): Gate {
  const wrong = (at: number, what: string): InputError =>
    new InputError(
      `The gate is wrong at character ${start + at + 1}: ${what}\n  ${whole}\n  ${' '.repeat(start + at)}^`,
    );
  const first = part.search(/\S/);
  if (first < 0) throw wrong(0, 'there is none; write for example garbage>1%');
  const found = GATE.exec(part);
  if (found === null) {
    const operator = part.search(/[<>=]/);
    if (operator < 0) throw wrong(part.trimEnd().length, 'a <, <=, > or >= with a number is missing');
    if (!/^(<=|>=|<|>)/.test(part.slice(operator))) throw wrong(operator, 'write <, <=, > or >=');
    throw wrong(operator, 'write a figure, an operator and a number, for example garbage>1%');
  }
  const { name, ball, operator, limit, percent } = found.groups as Record<string, string | undefined>;
  const at = (value: string): number => part.indexOf(value, first);
  const known = GATE_FIGURES.find(({ pattern }) => pattern.test(name!));
  if (known === undefined) {
    throw wrong(first, `there is no figure "${name}"; choose from ${GATE_FIGURES.map((each) => each.name).join(', ')}`);
  }
  const number = Number(limit);
  const place =
    part.indexOf(operator!) + operator!.length + part.slice(part.indexOf(operator!) + operator!.length).search(/\S/);
  if (!Number.isFinite(number)) throw wrong(place, `"${limit}" is no number`);
  if (percent !== undefined && !known.isShare) throw wrong(part.indexOf('%'), `${name} is no share; leave out the %`);
  const value = percent === undefined ? number : number / 100;
  if (known.isShare && !(value >= 0 && value <= 1)) {
    throw wrong(place, `${name} is a share, from 0 to 1 or from 0 % to 100 %`);
  }
  const common = { text: part.trim(), operator: operator as Gate['operator'], limit: value };
  if (known.hasBall !== (ball !== undefined)) {
    throw known.hasBall
      ? wrong(first + name!.length, `${name} needs a radius, for example ${name}@8/255 or ${name}@l2:0.5`)
      : wrong(at('@'), `${name} has no radius; leave out @${ball}`);
  }
  if (ball === undefined) return { ...common, figure: name! };
  const [, norm = 'linf', radius] = /^(?:(linf|l2|l1|l0):)?(.+)$/.exec(ball)!;
  const [, above, below] = /^([\d.]+(?:e-?\d+)?)(?:\/([\d.]+))?$/.exec(radius!) ?? [];
  const epsilon = Number(above) / Number(below ?? 1);
  if (!(epsilon > 0 && Number.isFinite(epsilon))) {
    throw wrong(part.indexOf('@') + 1, `"${ball}" is no radius; write for example 8/255, 0.3 or l2:0.5`);
  }
  return { ...common, figure: `${name}@${norm}:${radius}`, ball: { norm: norm as Norm, epsilon } };
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

/** Holds a gate against what was measured. What was not shown does not pass. */
export function judgeGate(gate: Gate, figures: ReadonlyMap<string, Figure>): AuditGate {
  const { text, figure: id, operator, limit } = gate;
  const common = { text, figure: id, operator, limit };
  const figure = figures.get(id);
  if (figure === undefined || figure.value === null) {
    const why = figure?.why ?? `The audit has no figure ${id}`;
    return { ...common, state: 'inconclusive', sentence: `${why}, so the gate is not passed` };
  }
  const { value, interval, unit } = figure;
  const show = (number: number): string =>
    unit === 'share' || unit === 'probability' ? formatPercent(number) : String(number);
  const isMet = { '<': value < limit, '<=': value <= limit, '>': value > limit, '>=': value >= limit }[operator];
  const range = interval === null ? '' : ` (95 % interval ${show(interval[0])} to ${show(interval[1])})`;
  const sentence = `${figure.title} is ${show(value)}${range}; the gate fails at ${operator} ${show(limit)}`;
  if (isMet) return { ...common, state: 'fail', sentence };
  const isDoubtful = figure.state === 'inconclusive';
  if (isDoubtful) return { ...common, state: 'inconclusive', sentence: `${sentence}; ${figure.why}` };
  const open = interval !== null && sideOf(figure, limit) === 'open';
  return { ...common, state: 'pass', sentence: open ? `${sentence}; the interval reaches over the limit` : sentence };
}

/** @file Runs `pareidolia inspect` at the terminal. */

import type { ValueInfo } from '@pareidolia/autodiff';
import { InputError } from '@pareidolia/core';
import { isAddress } from '../endpoint/address.ts';
import { type CardField, type Inspection, type InspectRequest, inspectModel } from '../model/inspect.ts';
import { inspectEndpoint } from '../model/inspect-endpoint.ts';
import { type ScoreRequest, score } from '../score/score.ts';
import { describeScores } from '../score/score-text.ts';
import { count } from '../terminal/figures.ts';
import { writeOut } from '../terminal/output.ts';
import { clip } from '../terminal/table.ts';
import { describeEndpoint } from './describe-endpoint.ts';
import { atTerminal } from './score-action.ts';

/**
 * @param images pictures to score; none where there is no folder among it
 * @param json whether stdout is for a machine
 */
export async function runInspect(
  request: InspectRequest,
  images: Pick<ScoreRequest, 'images' | 'labels' | 'limit' | 'strict'>,
  json: boolean,
): Promise<void> {
  if (images.images === undefined) {
    const given = (['labels', 'limit', 'strict'] as const).find((option) => images[option] !== undefined);
    if (given !== undefined) throw new InputError(`--${given} belongs to --images; give a folder of pictures, too`);
    if (isAddress(request.model)) {
      const endpoint = await inspectEndpoint(request);
      writeOut(`${json ? JSON.stringify(endpoint) : describeEndpoint(endpoint)}\n`);
      return;
    }
    const inspection = await inspectModel(request);
    writeOut(`${json ? JSON.stringify(inspection) : describe(inspection)}\n`);
    return;
  }
  if (isAddress(request.model)) {
    throw new InputError('Pictures are shown to an endpoint by pareidolia score; leave out --images here');
  }
  await atTerminal(async (signal, observer) => {
    const inspection = await inspectModel(request);
    if (inspection.classifier === null) throw new InputError(inspection.problem!);
    const run = await score({ ...request, ...images, seed: 1 }, signal, observer);
    return () => {
      const text = json
        ? JSON.stringify({ ...inspection, score: run })
        : `${describe(inspection)}\n\n${describeScores(run)}`;
      writeOut(`${text}\n`);
    };
  });
}

function describe(inspection: Inspection): string {
  const { model, sha256, bytes, opset, producer, inputs, outputs, operators, parameters, card, notices, written } =
    inspection;
  const rows: [string, string][] = [
    ['model', `${model}, ${count(bytes)} bytes${producer === '' ? '' : `, made by ${clip(producer)}`}`],
    ['SHA-256', sha256],
    ['opset', String(opset)],
    ...inputs.map((value): [string, string] => ['input', valueInfo(value)]),
    ...outputs.map((value): [string, string] => ['output', valueInfo(value)]),
    [
      'operators',
      Object.entries(operators)
        .map(([name, times]) => `${times} ${clip(name)}`)
        .join(', '),
    ],
    ['parameters', count(parameters)],
    ...verdict(inspection),
    ...notices.map((notice): [string, string] => ['notice', notice.replaceAll(/\p{Cc}/gu, ' ')]),
    ['model card', card.origin],
    ...card.fields.map((field): [string, string] => [`  ${field.field}`, cardField(field)]),
    ...(written === null ? [] : [['written', written] as [string, string]]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
}

function verdict({ classifier, problem }: Inspection): [string, string][] {
  if (classifier === null) return [['classifier', `no: ${problem}`]];
  const { image, classes, scores, gradientBlockers, gradientKind, notices } = classifier;
  const flows =
    gradientKind === 'exact'
      ? 'flows from the scores to the pixels'
      : 'an estimate, since the network is quantized (straight-through: rounding counts as the identity)';
  const blockers = gradientBlockers.map(({ operator, node }) => `${operator} (node ${clip(node)})`);
  return [
    [
      'classifier',
      `${count(classes)} classes of images ${image.width} x ${image.height}, ${image.channels === 1 ? 'grey' : 'color'}`,
    ],
    ['scores', scores.why.replaceAll(/\p{Cc}/gu, ' ')],
    ['gradient', blockers.length === 0 ? flows : `blocked by ${blockers.join(', ')}`],
    ...notices.map((notice): [string, string] => ['notice', notice]),
  ];
}

function valueInfo({ name, type, shape }: ValueInfo): string {
  return `${clip(name)}: ${type} ${shape === undefined ? 'of unknown shape' : `[${shape.join(', ')}]`}`;
}

function cardField({ value, from }: CardField): string {
  const many = Array.isArray(value) && value.length > 10;
  const text = many ? `${count(value.length)} names: ${value.slice(0, 3).join('; ')}; ...` : JSON.stringify(value);
  return `${text.replaceAll(/\p{Cc}/gu, ' ')}  (${from})`;
}

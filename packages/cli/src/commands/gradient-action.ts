/** @file Runs `pareidolia gradient` at the terminal. */

import { type GradientRequest, type WrittenGradient, writeGradient } from '../gradient/gradient.ts';
import type { Port } from '../gradient/gradient-graph.ts';
import { nodeExample, pythonExample } from '../gradient/usage.ts';
import { count, figure } from '../terminal/figures.ts';
import { writeOut } from '../terminal/output.ts';
import { clip } from '../terminal/table.ts';

/** @param json whether stdout is for a machine */
export async function runGradient(request: GradientRequest, json: boolean): Promise<void> {
  const written = await writeGradient(request);
  writeOut(`${json ? JSON.stringify(written) : describe(written)}\n`);
}

function describe(written: WrittenGradient): string {
  const { out, bytes, model, opset, inputs, outputs, operators, scores, fixedBatch, gradientKind, check, target } =
    written;
  const operatorText = Object.entries(operators)
    .map(([name, times]) => `${times} ${clip(name)}`)
    .join(', ');
  const rows: [string, string][] = [
    ['written', `${out}, ${count(bytes)} bytes: the gradient of ${clip(model)}`],
    ['opset', `${opset}, ${TARGETS[target]}`],
    ...inputs.map((value): [string, string] => ['input', port(value)]),
    ...outputs.map((value): [string, string] => ['output', port(value)]),
    ...(scores === null ? [] : [['scores', line(scores.evidence)] as [string, string]]),
    ...(fixedBatch === null ? [] : [['batch', `fixed: ${line(fixedBatch)}`] as [string, string]]),
    ...(gradientKind === 'exact' ? [] : [['gradient', ESTIMATE] as [string, string]]),
    ['operators', operatorText],
    ...checked(check, gradientKind),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
  return `${table}\n\nIn Python:\n\n${pythonExample(out, inputs, outputs)}\n\nIn Node:\n\n${nodeExample(out, inputs, outputs)}`;
}

const TARGETS: Readonly<Record<GradientRequest['target'], string>> = {
  plain: 'standard operators only, for any runtime',
  cpu: 'for ONNX Runtime on the processor',
  webgpu: "for ONNX Runtime's WebGPU provider",
};

const ESTIMATE =
  'an estimate: the network rounds to integers, and the gradient takes rounding for the identity (straight-through)';

function port({ name, type, shape, about }: Port): string {
  return `${clip(name)}: ${type} [${shape.join(', ')}], ${line(about)}`;
}

function checked(check: WrittenGradient['check'], kind: WrittenGradient['gradientKind']): [string, string][] {
  if (check === null) return [['checked', 'no, as --no-check says']];
  const gradients = Object.entries(check.by).flatMap(([name, agreement]): [string, string][] => {
    if (agreement === undefined) return [];
    const { agreeing, directions, medianError, largestError } = agreement;
    const errors = `relative error ${figure(medianError)} (median), ${figure(largestError)} (largest)`;
    const along = `finite differences along ${agreeing} of ${directions} random directions`;
    const form = kind === 'exact' ? '' : ', in the network without rounding';
    return [['checked', `by ${clip(name)}: ${errors} against ${along}${form}`]];
  });
  const { scoresError } = check;
  const scores =
    scoresError === null
      ? 'not compared with those of the model'
      : `within ${figure(scoresError)} of the model's (relative)`;
  return [...gradients, ['checked', `scores ${scores}`]];
}

/** Text with names from a model in it; control characters must not reach the terminal. */
function line(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

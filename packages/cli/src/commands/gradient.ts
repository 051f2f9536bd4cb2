/** @file `pareidolia gradient`: its options. */

import { Command, Option } from 'commander';
import { several } from '../config/configurable.ts';
import type { GradientRequest } from '../gradient/gradient.ts';
import { TARGETS } from '../gradient/lowered.ts';
import { OBJECTIVE_NAMES, objectiveNamed } from '../gradient/objectives.ts';
import { addCardOptions, splitCardOptions } from './card-options.ts';
import { addCommonOptions, wholeNumber } from './options.ts';

const WIDTH = Math.max(...OBJECTIVE_NAMES.map((name) => name.length));

const OBJECTIVES_LISTED = OBJECTIVE_NAMES.map((name) => {
  const { about, inputs } = objectiveNamed(name);
  return `  ${name.padEnd(WIDTH)}  ${about}; input ${inputs.join(', ')}`;
}).join('\n');

const EXAMPLES = `
The file computes the network's scores, an objective of each image, and the gradient of the objective. It has the network's
inputs and those of the objective: classes or targets, int64, one for each image. Images are in the units that the network
takes, without the card's mean and deviation.

Objectives:
${OBJECTIVES_LISTED}

--by differentiates by another value instead of the image: an input, a constant (a weight) or the output of a node. Gradients by
constants are summed over the images. Give it several times for several gradients.

The gradient of a quantized network is an estimate: rounding counts as the identity (straight-through). The file computes such a
network in floats that hold its integers.

Before it is written the gradient is compared with finite differences on random images, in ONNX Runtime. One that is wrong is
not written. An estimate is compared with the network rounding taken out.

Examples:
  pareidolia gradient model.onnx -o gradient.onnx
  pareidolia gradient model.onnx -o margin.onnx --objective margin
  pareidolia gradient model.onnx -o vjp.onnx --objective linear --by image --by conv1.weight
  pareidolia gradient model.onnx -o browser.onnx --target webgpu --json`;

interface GradientOptions
  extends Pick<GradientRequest, 'card' | 'out' | 'objective' | 'output' | 'target' | 'check' | 'seed' | 'threads'> {
  readonly by?: GradientRequest['by'];
  readonly device?: GradientRequest['device'];
  readonly force?: true;
  readonly json?: true;
}

export function gradientCommand(): Command {
  const command = new Command('gradient')
    .argument('[model]', 'the network, an ONNX file (default: the embedded network)')
    .option('-o, --out <file>', 'the file to write (default: <model>.gradient.onnx in this folder)')
    .addOption(
      new Option('--objective <name>', 'what is differentiated')
        .choices([...OBJECTIVE_NAMES])
        .default('log-probability'),
    )
    .option('--by <name>', 'the value to differentiate by, may be repeated (default: the image)', several)
    .option('--output <name>', 'the output that scores, where the model has several')
    .addOption(
      new Option('--target <name>', 'what is to run it: plain is for any runtime')
        .choices([...TARGETS])
        .default('plain'),
    )
    .option('--no-check', 'write it without comparing it with finite differences')
    .option('--seed <n>', 'seed of the random images that it is checked on', wholeNumber(0), 1)
    .option('--force', 'replace an existing file')
    .addHelpText('after', EXAMPLES);
  return addCommonOptions(addCardOptions(command)).action(
    async (model: string | undefined, options: GradientOptions) => {
      const { runGradient } = await import('./gradient-action.ts');
      const { cardOptions, rest: others } = splitCardOptions(options);
      const { json, force, device = 'cpu', by = [], ...rest } = others;
      await runGradient(
        { ...rest, by, cardOptions, ...(model === undefined ? {} : { model }), device, force: force === true },
        json === true,
      );
    },
  );
}

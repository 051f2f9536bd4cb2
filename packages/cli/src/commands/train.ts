/** @file `pareidolia train`: its options. */

import { Argument, Command, InvalidArgumentError } from 'commander';
import type { TrainRequest } from '../model/train.ts';
import { addCommonOptions, numberBetween, wholeNumber } from './options.ts';

const EXAMPLES = `
Data: digits (drawn by pareidolia itself), mnist, fashion-mnist (from the folder in PAREIDOLIA_DATA, or else the user's
cache folder), or a folder with train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or gzipped; t10k-... are the
test part, and classes.txt may name the classes, one a line. A twelfth of the training images is held out for validation.

Examples:
  pareidolia train lenet --data digits --epochs 5 --seed 1 --out lenet.onnx
  pareidolia train lenet --data mnist --epochs 20
  pareidolia train mlp --data ./my-letters --hidden 300,100 --json

The model and its card are written together in the end; Ctrl-C leaves nothing behind.`;

interface TrainOptions extends Omit<TrainRequest, 'network' | 'out' | 'device'> {
  readonly out?: string;
  readonly device?: TrainRequest['device'];
  readonly json?: true;
}

export function trainCommand(): Command {
  const command = new Command('train')
    .description('train a network on a dataset, and write it as ONNX file with a model card')
    .addArgument(new Argument('<network>', 'which network').choices(['lenet', 'mlp']))
    .requiredOption('--data <data>', 'digits, mnist, fashion-mnist, cifar10, or a folder of such files')
    .option('--epochs <n>', 'passes through the training images', wholeNumber(1, 100_000), 10)
    .option('--batch <n>', 'images in a step', wholeNumber(1, 100_000), 64)
    .option('--learning-rate <rate>', 'at the beginning; it falls along half a cosine', numberBetween(0, 1000), 0.02)
    .option('--no-distortion', 'show every image as it is, and not distorted anew in each epoch')
    .option('--hidden <list>', 'units of the hidden layers of an mlp', layers, [300, 100])
    .option('--seed <n>', 'decides weights, order, distortion, and which digits are drawn', wholeNumber(0), 1)
    .option('--out <file>', 'the model to write (default: <network>-<data>.onnx)')
    .addHelpText('after', EXAMPLES);
  return addCommonOptions(command).action(async (network: TrainRequest['network'], options: TrainOptions) => {
    const { runTrain } = await import('./train-action.ts');
    const { json, out, device = 'cpu', ...request } = options;
    const name = request.data.split(/[\\/]/).findLast((part) => part !== '') ?? 'data';
    await runTrain({ ...request, network, device, out: out ?? `${network}-${name}.onnx` }, json === true);
  });
}

function layers(text: string): number[] {
  const read = wholeNumber(1, 1_000_000);
  if (text.trim() === '') throw new InvalidArgumentError('Write numbers by commas, like 300,100.');
  return text.split(',').map((part) => read(part));
}

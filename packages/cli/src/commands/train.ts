/** @file `pareidolia train`: its options. */

import { availableParallelism } from 'node:os';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { AdversarialOptions } from '../train/adversarial.ts';
import type { TrainSettings } from '../train/settings.ts';
import { addCommonOptions, givenOptions, numberBetween, wholeNumber } from './options.ts';

const EXAMPLES = `
Data: digits (drawn by pareidolia itself), mnist, fashion-mnist (from the folder in PAREIDOLIA_DATA, or else the user's
cache folder), or a folder with train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or gzipped; t10k-... are the
test part, and classes.txt may name the classes, one a line. A twelfth of the training images is held out for validation.

Examples:
  pareidolia train lenet --data digits --epochs 5 --seed 1 --out lenet.onnx
  pareidolia train lenet --data mnist --epochs 20
  pareidolia train --out lenet-mnist.onnx --resume
  pareidolia train mlp --data ./my-letters --hidden 300,100 --json
  pareidolia train lenet --data mnist --adversarial pgd --epsilon 0.3
  pareidolia train maxout --data mnist --adversarial fgsm --epsilon 0.25

Networks: lenet; mlp, with ReLU; softmax, softmax regression; maxout, each unit the largest of 5 linear functions.

--adversarial hardens the network. pgd trains on examples that projected gradient descent finds within epsilon (Madry et al.
2018), fgsm half on the images and half on their fast gradient sign examples (Goodfellow et al. 2015). 10 steps of a quarter
of epsilon are four times as fast as Madry's 40 of .01: for those, --adversarial-steps 40 --adversarial-step-size 0.01. pgd
trains with Adam, all else with momentum.

Training computes with two threads, whatever --threads says: the last bits of the weights depend on their number.

Beside lenet.onnx the folder lenet.training holds what is needed to go on, a line for each epoch, and the result. After
Ctrl-C, or whatever else ends it, --resume goes on after the last whole epoch, and makes the same bytes. The model and its
card are written in the end; what is there already is replaced with --force only.`;

interface TrainOptions extends AdversarialOptions, Omit<TrainSettings, 'network' | 'adversarial' | 'force'> {
  readonly seed: number;
  readonly out: string;
  readonly resume: true;
  readonly force: true;
  readonly json: true;
}

export function trainCommand(): Command {
  const command = new Command('train')
    .addArgument(new Argument('[network]', 'which network').choices(['lenet', 'mlp', 'softmax', 'maxout']))
    .option('--data <data>', 'digits, mnist, fashion-mnist, cifar10, or a folder of such files')
    .option('--epochs <n>', 'passes through the training images', wholeNumber(1, 100_000), 10)
    .option('--batch <n>', 'images in a step', wholeNumber(1, 100_000), 64)
    .option(
      '--learning-rate <rate>',
      'at the beginning; it falls along half a cosine (default: 0.02, with --adversarial pgd 0.001)',
      numberBetween(0, 1000),
    )
    .option('--no-distortion', 'do not distort the images anew in each epoch')
    .option(
      '--hidden <list>',
      'units of the hidden layers of mlp (default: 300,100) or maxout (default: 240,240)',
      layers,
    )
    .addOption(new Option('--adversarial <attack>', 'train on adversarial examples').choices(['pgd', 'fgsm']))
    .option('--epsilon <radius>', 'how far they are from the images in Linf: 0.3 or 8/255')
    .option('--adversarial-steps <n>', 'steps of pgd (default: 10)', wholeNumber(1, 100_000))
    .option('--adversarial-step-size <size>', 'length of each (default: 2.5 epsilon / steps)', numberBetween(0, 1))
    .option('--seed <n>', 'seed of weights, order, distortion, and the digits that are drawn', wholeNumber(0), 1)
    .option('--out <file>', 'the model to write (default: <network>-<data>.onnx)')
    .option('--resume', 'go on with the training of --out; options you omit keep their previous values')
    .option('--force', 'replace an existing model or training')
    .addHelpText('after', EXAMPLES);
  return addCommonOptions(command).action(async (network: TrainSettings['network'] | undefined) => {
    const [{ runTrain }, { readAdversarial }] = await Promise.all([
      import('./train-action.ts'),
      import('../train/adversarial.ts'),
    ]);
    const options = givenOptions<TrainOptions>(command);
    const { adversarial: _, epsilon, adversarialSteps, adversarialStepSize, ...others } = options;
    const { json, resume, force, out, seed, ...settings } = others;
    const adversarial = readAdversarial(options);
    await runTrain(
      {
        given: {
          ...settings,
          ...(network === undefined ? {} : { network }),
          ...(adversarial === undefined ? {} : { adversarial }),
          ...(force === true ? { force } : {}),
        },
        ...(out === undefined ? {} : { out }),
        ...(seed === undefined ? {} : { seed }),
        resume: resume === true,
        threads: availableParallelism(),
      },
      json === true,
    );
  });
}

function layers(text: string): number[] {
  const read = wholeNumber(1, 1_000_000);
  if (text.trim() === '') throw new InvalidArgumentError('Write numbers by commas, like 300,100.');
  return text.split(',').map((part) => read(part));
}

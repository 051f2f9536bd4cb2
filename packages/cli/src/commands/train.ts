/** @file `pareidolia train`: its options. */

import { availableParallelism } from 'node:os';
import { DEFENCES, describeSettings } from '@pareidolia/core';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { suggestValues } from '../completion/suggested-values.ts';
import type { AdversarialOptions } from '../train/adversarial.ts';
import type { DefenceOptions } from '../train/defences.ts';
import { FOOLING_KIND } from '../train/fooling-class.ts';
import { NETWORKS, type NetworkKind, type TrainSettings } from '../train/settings.ts';
import { addCommonOptions, dataOption, givenOptions, numberBetween, wholeNumber } from './options.ts';
import { trainGanCommand } from './train-gan.ts';
import { trainVaeCommand } from './train-vae.ts';

const EXAMPLES = () => `
Data: digits and things (drawn by pareidolia itself: things are ten kinds in color), mnist, fashion-mnist (from the folder in PAREIDOLIA_DATA, or else the user's
cache folder), or a folder with train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or gzipped; t10k-... are the
test part, and classes.txt may name the classes, one a line. With --from also a folder with a folder of pictures for each
class. A twelfth of the training images is held out for validation.

Examples:
  pareidolia train lenet --data digits --epochs 5 --seed 1 --out lenet.onnx
  pareidolia train lenet --data mnist --epochs 20
  pareidolia train --out lenet-mnist.onnx --resume
  pareidolia train mlp --data ./my-letters --hidden 300,100 --json
  pareidolia train lenet --data mnist --adversarial pgd --epsilon 0.3
  pareidolia train maxout --data mnist --adversarial fgsm --epsilon 0.25
  pareidolia train lenet --data mnist --defence outlier-exposure --outliers noise,fashion-mnist
  pareidolia train lenet --data mnist --defence trades,acet --outliers noise --set trades.steps=10 --set trades.stepSize=0.075
  pareidolia train lenet --data digits --defence fooling-class --rounds 3
  pareidolia train --from model.onnx --data photos/ --freeze all-but-last
  pareidolia train --from model.onnx --data mnist --defence outlier-exposure --outliers noise

Networks: lenet; cnn, three small convolutions, for color; mlp, with ReLU; softmax, softmax regression; maxout, each unit the largest of 5 linear functions.

--from trains a model of yours on, with Adam in small steps, images as they are. Its weights become parameters; --freeze keeps
those of all layers but the last, or of layers by name, as they are. Batch normalization keeps its running statistics. Where the
data have other classes than the model, its last layer is replaced. Inputs, outputs and preprocessing stay.

Defences (--defence, by commas), with their settings (--set steps=10, or --set trades.steps=10 for one of several):
${listOfDefences()}

Outliers (--outliers, by commas) are images that show none of the classes; each step has as many as examples. noise is that of
Hein et al. 2019: uniform noise and permuted pixels of the training images, smoothed. Others: a source of garbage (uniform-noise,
gaussian-noise, binary-noise, low-pass-noise, permuted-pixels, random-cppns, ...), a data set, an IDX file of images, or a folder
of pictures.

--adversarial hardens the network. pgd trains on examples that projected gradient descent finds within epsilon (Madry et al.
2018), fgsm half on the images and half on their fast gradient sign examples (Goodfellow et al. 2015). 10 steps of a quarter
of epsilon are four times as fast as Madry's 40 of .01: for those, --adversarial-steps 40 --adversarial-step-size 0.01.

pgd and the defences that move images (acet, adversarial-training, trades) train with Adam, all else with momentum. They take about
as many times longer as they have steps.

Training computes with two threads, whatever --threads says: the last bits of the weights depend on their number.

Beside lenet.onnx the folder lenet.training holds what is needed to go on, a line for each epoch, and the result. After
Ctrl-C, or whatever else ends it, --resume goes on after the last whole epoch, and makes the same bytes. The model and its
card are written in the end; what is there already is replaced with --force only.`;

function listOfDefences(): string {
  return [...DEFENCES, FOOLING_KIND]
    .map(({ name, summary, settings }) => {
      const own = describeSettings(settings).map((each) => `${each.name}=${each.default}`);
      return `  ${name}: ${summary}\n      ${own.join('  ')}`;
    })
    .join('\n');
}

type Own = 'network' | 'adversarial' | 'force' | 'defences' | 'foolingClass' | 'outliers';

interface TrainOptions extends AdversarialOptions, DefenceOptions, Omit<TrainSettings, Own> {
  readonly seed: number;
  readonly out: string;
  readonly resume: true;
  readonly force: true;
  readonly json: true;
}

export function trainCommand(): Command {
  const command = new Command('train')
    .addCommand(trainGanCommand())
    .addCommand(trainVaeCommand())
    .addArgument(new Argument('[network]', 'which network').choices(NETWORKS))
    .addOption(dataOption('digits, things, mnist, fashion-mnist, cifar10, or a folder of such files'))
    .option('--from <model>', 'a model of yours (.onnx) that is trained on, instead of a new network')
    .option('--card <file>', 'its model card (default: <model>.card.json, or what else is known of it)')
    .option(
      '--freeze <layers>',
      'none, all-but-last, or names of layers by commas that stay as they are (default: none)',
    )
    .option('--replace-last', 'replace its last layer, whatever the classes of the data are')
    .option('--epochs <n>', 'passes through the training images (default: 10, with --from 3)', wholeNumber(1, 100_000))
    .option('--batch <n>', 'images in a step', wholeNumber(1, 100_000), 64)
    .option(
      '--learning-rate <rate>',
      'at the beginning; it falls along half a cosine (default: 0.02, with images that are moved 0.001, with --from 0.0002)',
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
    .addOption(
      suggestValues(
        new Option('--defence <names>', 'what the network learns besides the labels, by commas: see below'),
        [...DEFENCES, FOOLING_KIND].map(({ name }) => name),
        { several: true },
      ),
    )
    .option('--set <name=number>', 'a setting of the defences, may be repeated', defenceSetting)
    .option('--outliers <sources>', 'images that show none of the classes, by commas: see below')
    .option(
      '--rounds <n>',
      'of --defence fooling-class: networks trained after the first (default: 3)',
      wholeNumber(1, 1000),
    )
    .option('--seed <n>', 'seed of weights, order, distortion, and what is drawn', wholeNumber(0), 1)
    .option('--out <file>', 'the model to write (default: <network or model>-<data>.onnx)')
    .option(
      '--resume',
      'go on with the training of --out, or begin it where there is none; options you omit keep their previous values',
    )
    .option('--force', 'replace an existing model or training')
    .addHelpText('after', EXAMPLES);
  return addCommonOptions(command).action(async (network: NetworkKind | undefined) => {
    const [{ runTrain }, { readAdversarial }, { readDefences }] = await Promise.all([
      import('./train-action.ts'),
      import('../train/adversarial.ts'),
      import('../train/defences.ts'),
    ]);
    const options = givenOptions<TrainOptions>(command);
    const { adversarial: _, epsilon, adversarialSteps, adversarialStepSize, ...others } = options;
    const { json, resume, force, out, seed, defence, outliers, rounds, set, ...settings } = others;
    const adversarial = readAdversarial(options);
    const defences = readDefences({
      ...(defence === undefined ? {} : { defence }),
      ...(outliers === undefined ? {} : { outliers }),
      ...(rounds === undefined ? {} : { rounds }),
      ...(set === undefined ? {} : { set }),
    });
    await runTrain(
      {
        given: {
          ...settings,
          ...(network === undefined ? {} : { network }),
          ...(adversarial === undefined ? {} : { adversarial }),
          ...defences,
          ...(outliers === undefined ? {} : { outliers }),
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

/** Reads `name=number` or `defence.name=number`, and adds it to those before. */
function defenceSetting(text: string, before: Readonly<Record<string, number>> = {}): Record<string, number> {
  const [, name, value] = /^\s*((?:[a-z-]+\.)?\w+)\s*=\s*(\S+)\s*$/.exec(text) ?? [];
  const number = Number(value);
  if (name === undefined || !Number.isFinite(number)) {
    throw new InvalidArgumentError('Write name=number, or defence.name=number.');
  }
  return { ...before, [name]: number };
}

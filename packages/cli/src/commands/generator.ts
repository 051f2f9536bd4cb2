/** @file `pareidolia generator`: its options and help. */

import { Command } from 'commander';
import { GENERATOR } from '../generator/embedded.ts';
import type { MeasureRequest } from '../quality/measure.ts';
import { addDiscriminatorOptions, addGeneratorOptions } from './generator-options.ts';
import { addCommonOptions, addReportOption, dataOption, wholeNumber } from './options.ts';

const EXAMPLES = `
A generator is a network that makes images of random numbers, as one half of a GAN. Measured are, in the penultimate features of a
network that knows such images: the Frechet distance to training images, the classifier score, precision and recall by nearest
neighbours, and which training image is nearest to each image, so that what was learnt by heart is seen. Beside each figure stands
the floor: what other real images come to that are held against the training images.

Of --data the training part is held against, and the test part is the floor; of --images one half each, by the seed.
--features should not be a network that is to be fooled through the generator. Where nothing says how latents are distributed, both
laws are tried.

Examples:
  pareidolia generator digits
  pareidolia generator generator.onnx --data mnist --features lenet.onnx --out runs/generator
  pareidolia generator generator.onnx --data mnist --features lenet.onnx --discriminator discriminator.onnx --json
  pareidolia generator generator.onnx --images photos/ --features resnet.onnx --count 5000`;

interface GivenMeasure extends Omit<MeasureRequest, 'generator' | 'device'> {
  readonly device?: MeasureRequest['device'];
  readonly json?: true;
}

export function generatorCommand(): Command {
  const command = new Command('generator')
    .argument('<generator>', `the generator: ${GENERATOR}`)
    .option('--images <folder>', 'real pictures of any size, in a folder with its subfolders')
    .addOption(
      dataOption('digits, things, mnist, fashion-mnist, cifar10, or a folder (default: digits, where no --images)'),
    )
    .option('--features <file>', 'the network whose features are used (default: the embedded network)')
    .option('--count <n>', 'images of each kind', wholeNumber(10, 1_000_000), 2000)
    .option('--seed <n>', 'seed of all random numbers: the same seed gives the same images', wholeNumber(0), 1)
    .option('--out <folder>', 'where report.html and summary.json go (default: nowhere)')
    .addHelpText('after', EXAMPLES);
  addDiscriminatorOptions(
    addGeneratorOptions(command),
    'an ONNX file that says how real an image is, for one more figure',
  );
  return addReportOption(addCommonOptions(command)).action(async (generator: string, options: GivenMeasure) => {
    const { runGenerator } = await import('./generator-action.ts');
    const { json, device = 'cpu', ...rest } = options;
    await runGenerator({ ...rest, generator, device }, json === true);
  });
}

/** @file `pareidolia guard`: its options and help. */

import { DETECTORS, unknownName } from '@pareidolia/core';
import { Command, InvalidArgumentError, Option } from 'commander';
import { suggestValues } from '../completion/suggested-values.ts';
import { DATASET_NAMES } from '../data/dataset-names.ts';
import type { GuardRequest } from '../guard/guard.ts';
import { addCardOptions, splitCardOptions } from './card-options.ts';
import { addDiscriminatorOptions } from './generator-options.ts';
import { addCommonOptions, addImageOptions, wholeNumber } from './options.ts';

/** Name of the detector that a file gives. */
const DISCRIMINATOR = 'discriminator';

const WIDTH = Math.max(...DETECTORS.map(({ name }) => name.length));

const DETECTORS_LISTED = DETECTORS.map(({ name, title, paper }) => `  ${name.padEnd(WIDTH)}  ${title} (${paper})`).join(
  '\n',
);

const EXAMPLES = `
The guarded model has the inputs and outputs of the model, and three more: score, larger for images of the known kind;
accept, whether it reaches the threshold; and guarded, the answers of both with a class for what is refused. It consists of standard operators, and any runtime serves it. Beside it go a model card
and a record of all that was measured (<out>.guard.json).

One half of the real images, by the seed, is for fitting; the other half sets the threshold, and is compared with garbage and with
the outliers. What is chosen is the detector that stops most of these while --tpr of the real images are kept. Where the
difference to a cheaper one is small (a point) and within chance, the cheaper one is. Ranks differ between networks and data: give images of the kind
that the model sees in use, and as outliers what it will see by mistake. Nothing here was made to deceive a detector.

Detectors:
${DETECTORS_LISTED}
  ${DISCRIMINATOR.padEnd(WIDTH)}  the network of --discriminator, trained against a generator (Goodfellow et al. 2014)

Examples:
  pareidolia guard model.onnx --images real/ --out guarded.onnx
  pareidolia guard model.onnx --images real/ --outliers other/ --tpr 0.99 --out guarded.onnx
  pareidolia guard lenet.onnx --data mnist --outliers fashion-mnist --detector energy,knn,vim --json
  pareidolia guard lenet.onnx --data mnist --discriminator discriminator.onnx
  pareidolia guard                                       the embedded network on its digits`;

interface GuardOptions extends Omit<GuardRequest, 'model' | 'device' | 'force'> {
  readonly device?: GuardRequest['device'];
  readonly force?: true;
  readonly json?: true;
}

export function guardCommand(): Command {
  const command = new Command('guard').argument('[model]', 'the network, an ONNX file (default: the embedded network)');
  addImageOptions(command, 'only the first so many images')
    .addOption(
      suggestValues(
        new Option('--outliers <folder>', 'pictures of other things, in a folder, or a dataset'),
        DATASET_NAMES,
      ),
    )
    .option('--tpr <share>', 'the share of real images to keep, such as 0.95 or 95%', share, 0.95)
    .addOption(
      suggestValues(
        new Option('--detector <names>', 'auto, or the names of those to try, by commas').argParser(names),
        ['auto', ...DETECTORS.map(({ name }) => name), DISCRIMINATOR],
        { several: true },
      ),
    )
    .addOption(
      new Option('--budget <budget>', 'how many images of each source of garbage: 100, 500, 2000')
        .choices(['quick', 'standard', 'thorough'])
        .default('standard'),
    )
    .option('--seed <n>', 'seed of all random numbers: the same seed gives the same file', wholeNumber(0), 1)
    .option('-o, --out <file>', 'the file to write (default: <model>.guarded.onnx in this folder)')
    .option('--force', 'replace existing files')
    .addHelpText('after', EXAMPLES);
  addDiscriminatorOptions(command, 'an ONNX file that says how real an image is: one more detector to try');
  return addCommonOptions(addCardOptions(command, { labels: false })).action(
    async (model: string | undefined, options: GuardOptions) => {
      const { runGuard } = await import('./guard-action.ts');
      const { cardOptions, rest: others } = splitCardOptions(options, { labels: false });
      const { json, force, device = 'cpu', ...rest } = others;
      await runGuard({ ...rest, cardOptions, model, device, force: force === true }, json === true);
    },
  );
}

function share(text: string): number {
  const [, number, percent] = /^\s*([\d.]+)\s*(%?)\s*$/.exec(text) ?? [];
  const value = Number(number) / (percent === '%' ? 100 : 1);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError('Give a share above 0 and below 1, such as 0.95 or 95%.');
}

function names(text: string): readonly string[] | undefined {
  if (text.trim() === 'auto') return undefined;
  const given = text.split(',').map((name) => name.trim());
  const unknown = given.find((name) => name !== DISCRIMINATOR && !DETECTORS.some((detector) => detector.name === name));
  if (unknown === undefined) return given;
  throw new InvalidArgumentError(
    `${unknownName('detector', unknown, ['auto', ...DETECTORS.map(({ name }) => name)])}.`,
  );
}

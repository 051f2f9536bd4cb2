/** @file `pareidolia audit`: its options and help. */

import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import type { AuditSettings } from '../audit/settings.ts';
import { suggestValues } from '../completion/suggested-values.ts';
import type { FoundConfig } from '../config/config-file.ts';
import { DATASET_NAMES } from '../data/dataset-names.ts';
import type { EndpointOptions } from '../endpoint/options.ts';
import { addCardOptions, splitCardOptions } from './card-options.ts';
import { addEndpointOptions, ENDPOINT_HELP, MODEL, splitEndpointOptions } from './endpoint-options.ts';
import { addDiscriminatorOptions } from './generator-options.ts';
import {
  addCommonOptions,
  addImageOptions,
  addReportOption,
  givenOptions,
  numberBetween,
  wholeNumber,
} from './options.ts';

const EXAMPLES = `
An image is accepted where its largest confidence is at least --threshold. The audit measures what garbage is accepted, how many
questions a search needs for an accepted image, how little real images must change, and what a threshold would stop. Real images
come from --images or --data; without them the audit says what it could not do.

Roughly how long it takes is told as it begins: the passes that its parts expect, over the pace of the network, which is timed for
a moment. A service is not timed, for that would cost queries.

Gates (--fail-on) are conditions under which the command ends with exit code 3: figure, operator, number, several by commas.
Figures: accuracy, calibration-error, garbage, garbage.<source>, searched, searched.<search>, questions.<search>,
robust@<epsilon> or robust@l2:<epsilon>, distance.linf, distance.l2, refused, findings.<severity>. What could not be measured
does not pass. With --baseline only what became worse fails.

Several models are audited one after the other, each in a folder of its own in --out, and compared: comparison.html, .json, .csv
and .md. They get the same images and seed, so that most differences are tested image by image; all tests are adjusted together
(Holm), and no model is called better where that was not shown. --baseline then takes a former comparison.json.

Options may be kept in pareidolia.config.json or .yaml, under the key audit, in the current folder or where --config says.

Examples:
  pareidolia audit                                       the embedded network on its digits
  pareidolia audit lenet.onnx --data mnist --fail-on 'garbage>1%,robust@0.1<40%' --out runs/audit
  pareidolia audit squeezenet1.1.onnx --images photos/ --outliers other/ --budget standard --sarif audit.sarif
  pareidolia audit new.onnx --data mnist --baseline runs/audit/audit.json --junit audit.xml
  pareidolia audit a.onnx b.onnx c.onnx --data mnist     compares them
  pareidolia audit https://host/v2/models/lenet --data mnist --max-queries 20000
  pareidolia audit --resume --out runs/audit             go on with an audit that was stopped or killed`;

interface AuditOptions extends Omit<AuditSettings, 'model'>, EndpointOptions {
  readonly baseline: string;
  readonly sarif: string;
  readonly junit: string;
  /** What was read of the file that is named, or lies in the current folder. */
  readonly config: FoundConfig;
  readonly seed: number;
  readonly out: string;
  readonly maxQueries: number;
  readonly resume: true;
  readonly json: true;
}

export function auditCommand(): Command {
  const command = new Command('audit').argument(
    '[models...]',
    `the network: ${MODEL} (default: the embedded network); several are compared`,
  );
  addImageOptions(command, 'only the first so many images')
    .addOption(
      suggestValues(
        new Option('--outliers <folder>', 'pictures of other things, in a folder, or a dataset'),
        DATASET_NAMES,
      ),
    )
    .option('--threshold <p>', 'the confidence at which an image is accepted (default: 0.9)', numberBetween(1e-6, 1))
    .addOption(
      new Option('--budget <budget>', 'how much work is done (default: quick)').choices([
        'quick',
        'standard',
        'thorough',
      ]),
    )
    .option('--fail-on <gates>', "conditions that end in exit code 3, such as 'garbage>1%,robust@8/255<40%'")
    .option(
      '--baseline <file>',
      'audit.json of an earlier audit (of several models: comparison.json), or its folder: only what became worse fails',
    )
    .option('--sarif <file>', 'write the findings as SARIF 2.1.0, as GitHub takes it')
    .option('--junit <file>', 'write findings and gates as JUnit XML')
    .option('--config <file>', 'options in a file (default: pareidolia.config.json or .yaml in the current folder)')
    .option(
      '--seed <n>',
      'seed of all random numbers: the same seed gives the same result (default: 1)',
      wholeNumber(0),
    )
    .option('--max-queries <n>', 'the same as --query-budget', wholeNumber(1))
    .option(
      '--out <folder>',
      'where results go (default: runs/audit-<model>-<budget>-seed<seed>, or runs/audit-comparison-...)',
    )
    .option(
      '--resume',
      'go on with the audit in --out, or begin it where there is none; options you omit keep their previous values',
    )
    .addHelpText('after', `${ENDPOINT_HELP}\n${EXAMPLES}`);
  addDiscriminatorOptions(command, 'an ONNX file that says how real an image is, compared with the detectors');
  return addEndpointOptions(addReportOption(addCommonOptions(addCardOptions(command, { labels: false })))).action(
    async (models: string[]) => {
      const { runAuditCommand } = await import('./audit-action.ts');
      const { endpoint, others } = splitEndpointOptions(givenOptions<AuditOptions>(command));
      const { cardOptions, rest } = splitCardOptions(others, { labels: false });
      const { json, out, seed, resume, baseline, sarif, junit, config, maxQueries, ...given } = rest;
      await runAuditCommand(
        {
          models,
          given,
          cardOptions,
          endpoint: maxQueries === undefined ? endpoint : { queryBudget: maxQueries, ...endpoint },
          ...(out === undefined ? {} : { out }),
          ...(seed === undefined ? {} : { seed }),
          ...(baseline === undefined ? {} : { baseline }),
          ...(sarif === undefined ? {} : { sarif }),
          ...(junit === undefined ? {} : { junit }),
          ...(config === undefined ? {} : { config }),
          resume: resume === true,
          threads: availableParallelism(),
        },
        json === true,
      );
    },
  );
}

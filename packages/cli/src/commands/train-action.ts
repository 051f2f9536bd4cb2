/** @file Runs `pareidolia train` at the terminal. */

import type { AdversarialTraining } from '@pareidolia/core';
import { formatEpsilon } from '@pareidolia/lab/format';
import { type TrainObserver, type TrainRequest, trainNetwork } from '../model/train.ts';
import { count, duration, percent } from '../terminal/figures.ts';
import { catchInterrupt } from '../terminal/interrupt.ts';
import { Progress } from '../terminal/progress.ts';
import { type AdversarialOptions, readAdversarial } from './train-adversarial.ts';

/** As commander reads them. */
export interface TrainOptions
  extends Omit<TrainRequest, 'network' | 'out' | 'device' | 'adversarial'>,
    AdversarialOptions {
  readonly out?: string;
  readonly device?: TrainRequest['device'];
  readonly json?: true;
}

/** Trains and says on stdout, or with `--json` on stderr, what came of it. */
export async function runTrain(
  network: TrainRequest['network'],
  options: TrainOptions & { readonly out: string },
): Promise<void> {
  const request = requestOf(network, options);
  const json = options.json === true;
  const progress = new Progress(process.stderr, () => performance.now());
  const interrupt = catchInterrupt(() => progress.say('Stopping; Ctrl-C again stops at once.'));
  try {
    if (request.data === 'digits') progress.say('Drawing digits');
    const result = await trainNetwork(request, interrupt.signal, observer(progress, request));
    progress.clear();
    if (result === undefined) {
      progress.say('Stopped; nothing was written.');
      process.exitCode = interrupt.code ?? 1;
      return;
    }
    const { validationAccuracy, testAccuracy, robustness, seconds, out, card } = result;
    const told = json ? process.stderr : process.stdout;
    told.write(`Validation accuracy ${percent(validationAccuracy)}\n`);
    if (testAccuracy !== null) {
      told.write(`Test accuracy ${percent(testAccuracy)}, error ${percent(1 - testAccuracy)}\n`);
    }
    if (robustness !== null) {
      const { attack, epsilon, images, accuracy } = robustness;
      told.write(
        `Accuracy under ${attack} within ${formatEpsilon(epsilon)}: ${percent(accuracy)} of ${count(images)} images\n`,
      );
    }
    told.write(`${out} and ${card} written after ${duration(seconds)}\n`);
    if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  } finally {
    progress.clear();
    interrupt.release();
  }
}

function requestOf(network: TrainRequest['network'], options: TrainOptions & { readonly out: string }): TrainRequest {
  const method = readAdversarial(options);
  const { adversarial, epsilon, adversarialSteps, adversarialStepSize, json, device = 'cpu', ...rest } = options;
  return { ...rest, network, device, ...(method === undefined ? {} : { adversarial: method }) };
}

function describe(adversarial: AdversarialTraining | undefined): string {
  if (adversarial === undefined) return '';
  const { kind, epsilon } = adversarial;
  const steps = kind === 'pgd' ? `, ${adversarial.steps} steps of ${Number(adversarial.stepSize.toPrecision(3))}` : '';
  return `, adversarial examples by ${kind} within ${formatEpsilon(epsilon)}${steps}`;
}

function observer(progress: Progress, { network, epochs, seed, adversarial }: TrainRequest): TrainObserver {
  return {
    begin: ({ name, train, validation }, parameters) =>
      progress.say(
        `Training ${network} (${count(parameters)} parameters) on ${count(train.images.count)} images of ${name}, ` +
          `${count(validation.images.count)} held out, seed ${seed}${describe(adversarial)}`,
      ),
    step: (read) =>
      progress.update(() => {
        const { epoch, loss, imagesPerSecond, secondsLeft } = read();
        return `epoch ${epoch}/${epochs}  loss ${loss.toFixed(4)}  ${count(imagesPerSecond)} images/s  ${duration(secondsLeft)} left`;
      }),
    epoch: ({ epoch, meanLoss, validation, imagesPerSecond }) =>
      progress.say(
        [
          `epoch ${epoch}/${epochs}`,
          `loss ${meanLoss.toFixed(4)}`,
          ...(validation === undefined ? [] : [`validation ${percent(validation.correct / validation.count)}`]),
          `${count(imagesPerSecond)} images/s`,
        ].join('  '),
      ),
  };
}

/** @file Runs `pareidolia train` at the terminal. */

import type { AdversarialTraining } from '@pareidolia/core';
import { formatEpsilon, formatNumber } from '@pareidolia/lab/format';
import { resumingCommand } from '../job/command-line.ts';
import { count, duration, percent } from '../terminal/figures.ts';
import { catchInterrupt } from '../terminal/interrupt.ts';
import { tellNothingYet } from '../terminal/nothing-yet.ts';
import { writeError, writeOut } from '../terminal/output.ts';
import { type Progress, terminalProgress } from '../terminal/progress.ts';
import type { TrainObserver } from '../train/observer.ts';
import type { TrainRequest } from '../train/request.ts';
import type { TrainSettings } from '../train/settings.ts';
import { trainNetwork } from '../train/train.ts';

/**
 * Trains and says on stdout, or with `--json` on stderr, what came of it.
 *
 * @param json whether stdout is for a machine
 */
export async function runTrain(request: TrainRequest, json: boolean): Promise<void> {
  const progress = terminalProgress();
  const interrupt = catchInterrupt(() => progress.say('Stopping; Ctrl-C again stops at once.'));
  try {
    if (request.given.data === 'digits') progress.mention('Drawing digits');
    const outcome = await trainNetwork(request, interrupt.signal, observer(progress, request));
    progress.clear();
    if (!outcome.done) {
      progress.say(
        `Stopped; the epochs that had ended are saved. To go on:\n  ${resumingCommand('train', outcome.out)}`,
      );
      process.exitCode = interrupt.code ?? 1;
      return;
    }
    const { validationAccuracy, testAccuracy, robustness, foolingClass, seconds, out, card } = outcome.result;
    const tell = json ? writeError : writeOut;
    tell(`Validation accuracy ${percent(validationAccuracy)}\n`);
    if (testAccuracy !== null) {
      tell(`Test accuracy ${percent(testAccuracy)}, error ${percent(1 - testAccuracy)}\n`);
    }
    if (robustness !== null) {
      const { attack, epsilon, images, accuracy } = robustness;
      tell(
        `Accuracy under ${attack} within ${formatEpsilon(epsilon)}: ${percent(accuracy)} of ${count(images)} images\n`,
      );
    }
    foolingClass?.networks.forEach(({ added, medianConfidence, recognized }, round) => {
      const known =
        recognized === null ? '' : `; puts ${percent(recognized)} of those of the network before in their class`;
      tell(
        `Network ${round + 1}, ${count(added)} fooling images: new ones get ${percent(medianConfidence)} (median)${known}\n`,
      );
    });
    tell(`${out} and ${card} written after ${duration(seconds)}\n`);
    if (json) writeOut(`${JSON.stringify(outcome.result)}\n`);
  } catch (error) {
    if (interrupt.code === undefined || error !== interrupt.signal.reason) throw error;
    progress.say('Stopped before anything was begun.');
    process.exitCode = interrupt.code;
  } finally {
    progress.clear();
    interrupt.release();
  }
}

function describeDefences({ defences = [], foolingClass, outliers }: TrainSettings): string {
  const names = [...defences.map(({ name }) => name), ...(foolingClass === undefined ? [] : ['fooling-class'])];
  if (names.length === 0) return '';
  return `, ${names.join(', ')}${outliers === undefined ? '' : `, outliers ${outliers}`}`;
}

function describe(adversarial: AdversarialTraining | undefined): string {
  if (adversarial === undefined) return '';
  const { kind, epsilon } = adversarial;
  const steps = kind === 'pgd' ? `, ${adversarial.steps} steps of ${formatNumber(adversarial.stepSize)}` : '';
  return `, adversarial examples by ${kind} within ${formatEpsilon(epsilon)}${steps}`;
}

function observer(progress: Progress, { resume, out = '' }: TrainRequest): TrainObserver {
  let epochs = 0;
  return {
    begin: ({ settings, seed, data: { name, train, validation }, parameters, frozen, notices, resumed }) => {
      epochs = settings.epochs;
      tellNothingYet(progress, resume, 'epoch', { resumed, out });
      for (const notice of notices) progress.say(`${notice}.`);
      const kept = frozen === 0 ? '' : `, ${count(frozen)} frozen`;
      progress.mention(
        `${resumed ? 'Going on with' : 'Training'} ${settings.network ?? settings.from} (${count(parameters)} parameters${kept}) on ${count(train.images.count)} images of ${name}, ` +
          `${count(validation.images.count)} held out, seed ${seed}${describe(settings.adversarial)}${describeDefences(settings)}`,
      );
    },
    before: (accuracy, classes) => {
      progress.say(`Validation accuracy before: ${percent(accuracy)}`);
      if (accuracy > 2 / classes) return;
      progress.say(
        'That is little more than chance: if the network knows these classes, its card may not say how pixels become inputs (pareidolia score tries the usual ways).',
      );
    },
    round: (round, rounds) => {
      if (rounds > 0) progress.mention(`Network ${round + 1} of ${rounds + 1}`);
    },
    search: (round, search) => progress.mention(`Images that fool network ${round + 1}, search ${search + 1}`),
    step: (read) =>
      progress.update(() => {
        const { epoch, loss, imagesPerSecond, secondsLeft } = read();
        return `epoch ${epoch}/${epochs}  loss ${loss.toFixed(4)}  ${count(imagesPerSecond)} images/s  ${duration(secondsLeft)} left`;
      }),
    epoch: ({ epoch, meanLoss, validation, imagesPerSecond }) =>
      progress.mention(
        [
          `epoch ${epoch}/${epochs}`,
          `loss ${meanLoss.toFixed(4)}`,
          ...(validation === undefined ? [] : [`validation ${percent(validation.correct / validation.count)}`]),
          `${count(imagesPerSecond)} images/s`,
        ].join('  '),
      ),
  };
}

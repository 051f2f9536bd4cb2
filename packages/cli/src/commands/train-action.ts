/** @file Runs `pareidolia train` at the terminal. */

import { type TrainObserver, type TrainRequest, trainNetwork } from '../model/train.ts';
import { count, duration, percent } from '../terminal/figures.ts';
import { catchInterrupt } from '../terminal/interrupt.ts';
import { Progress } from '../terminal/progress.ts';

/** @param json whether stdout is for a machine */
export async function runTrain(request: TrainRequest, json: boolean): Promise<void> {
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
    const { validationAccuracy, testAccuracy, seconds, out, card } = result;
    const told = json ? process.stderr : process.stdout;
    told.write(`Validation accuracy ${percent(validationAccuracy)}\n`);
    if (testAccuracy !== null) {
      told.write(`Test accuracy ${percent(testAccuracy)}, error ${(100 * (1 - testAccuracy)).toFixed(2)} %\n`);
    }
    told.write(`${out} and ${card} written after ${duration(seconds)}\n`);
    if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  } finally {
    progress.clear();
    interrupt.release();
  }
}

function observer(progress: Progress, { network, epochs, seed }: TrainRequest): TrainObserver {
  return {
    begin: ({ name, train, validation }, parameters) =>
      progress.say(
        `Training ${network} (${count(parameters)} parameters) on ${count(train.images.count)} images of ${name}, ` +
          `${count(validation.images.count)} held out, seed ${seed}`,
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

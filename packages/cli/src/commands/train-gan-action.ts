/** @file Runs `pareidolia train gan` at the terminal. */

import type { GanObserver } from '../gan/observer.ts';
import type { GanRequest } from '../gan/request.ts';
import { trainGanInFolder } from '../gan/train-gan.ts';
import { GAN_TROUBLES } from '../gan/troubles.ts';
import { resumingCommand } from '../job/command-line.ts';
import { count, duration, percent } from '../terminal/figures.ts';
import { catchInterrupt } from '../terminal/interrupt.ts';
import { writeError, writeOut } from '../terminal/output.ts';
import { Progress } from '../terminal/progress.ts';

/**
 * Trains and says on stdout, or with `--json` on stderr, what came of it.
 *
 * @param json whether stdout is for a machine
 */
export async function runTrainGan(request: GanRequest, json: boolean): Promise<void> {
  const progress = new Progress(process.stderr, () => performance.now());
  const interrupt = catchInterrupt(() => progress.say('Stopping; Ctrl-C again stops at once.'));
  try {
    if (request.given.data === 'digits') progress.say('Drawing digits');
    const outcome = await trainGanInFolder(request, interrupt.signal, observer(progress));
    progress.clear();
    if (!outcome.done) {
      progress.say(
        `Stopped; the epochs that had ended are saved. To go on:\n  ${resumingCommand('train gan', outcome.out)}`,
      );
      process.exitCode = interrupt.code ?? 1;
      return;
    }
    const { diversity, trouble, seconds, generator, discriminator, samples } = outcome.result;
    const tell = json ? writeError : writeOut;
    if (trouble !== null) tell(`Beware: ${GAN_TROUBLES[trouble]}\n`);
    tell(`Diversity ${diversity.toFixed(2)} of that of the data; samples: ${samples}\n`);
    tell(`${generator.model} and ${discriminator.model} written after ${duration(seconds)}, each with its card\n`);
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

function observer(progress: Progress): GanObserver {
  let epochs = 0;
  return {
    begin: ({ settings, seed, data: { name, train }, generator, discriminator, resumed, out }) => {
      epochs = settings.epochs;
      progress.say(
        `${resumed ? 'Going on with' : 'Training'} ${settings.architecture}${settings.conditional ? ' by class' : ''} on ${count(train.images.count)} images of ${name}: ` +
          `generator ${count(generator)} parameters, discriminator ${count(discriminator)}, latent ${settings.latent}, seed ${seed}, in ${out}`,
      );
    },
    step: (read) =>
      progress.update(() => {
        const { epoch, discriminatorLoss, generatorLoss, imagesPerSecond, secondsLeft } = read();
        return `epoch ${epoch}/${epochs}  loss D ${discriminatorLoss.toFixed(3)} G ${generatorLoss.toFixed(3)}  ${count(imagesPerSecond)} images/s  ${duration(secondsLeft)} left`;
      }),
    epoch: ({ epoch, discriminatorLoss, generatorLoss, realRight, fakeRight, diversity }, imagesPerSecond) =>
      progress.say(
        [
          `epoch ${epoch}/${epochs}`,
          `loss D ${discriminatorLoss.toFixed(3)} G ${generatorLoss.toFixed(3)}`,
          `D right about ${percent(realRight)} of real, ${percent(fakeRight)} of generated`,
          `diversity ${diversity.toFixed(2)}`,
          `${count(imagesPerSecond)} images/s`,
        ].join('  '),
      ),
    trouble: (trouble) => progress.say(GAN_TROUBLES[trouble]),
  };
}

/** @file `pareidolia train vae`: its options. */

import type { Command } from 'commander';
import { VAE_DEFAULTS } from '../vae/defaults.ts';
import type { VaeSettings } from '../vae/settings.ts';
import { architecturesHelp, DATA_HELP, FOLDER_HELP, generatorTrainingCommand } from './generator-training.ts';

const HELP = () => `${DATA_HELP}

Examples:
  pareidolia train vae --data digits --epochs 3
  pareidolia train vae --data mnist --architecture mlp --latent 10 --out vae-mnist
  pareidolia train vae --out vae-mnist --resume
  pareidolia fool --model lenet.onnx --generator vae-mnist/generator.onnx

Architectures: the encoder has the layers of the discriminator that train gan trains, the decoder those of its generator.
${architecturesHelp()}

Both networks are trained together by Adam (Kingma and Welling 2014). The loss, in nats for each image, is the cross-entropy of its
values, taken for probabilities of white, under what the decoder makes of a latent vector, plus the divergence of the law that the
encoder gives for latent vectors from N(0, I).

The folder gets generator.onnx, which is the decoder, with its card, encoder.onnx, samples.png, a sheet of samples and a line in
epochs.jsonl for each epoch, and the result. ${FOLDER_HELP}`;

export function trainVaeCommand(): Command {
  return generatorTrainingCommand<VaeSettings>(
    {
      name: 'vae',
      description: 'train a variational autoencoder, whose decoder is a generator of images',
      latent: VAE_DEFAULTS.latent,
      learningRate: VAE_DEFAULTS.learningRate,
      batch: 'images in a step',
      help: HELP(),
      own: [],
    },
    async (request, json) => {
      const { runTrainVae } = await import('./train-vae-action.ts');
      await runTrainVae(request, json);
    },
  );
}

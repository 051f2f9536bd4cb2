/** @file The command that repeats the training of a variational autoencoder. */

import { trainingCommandLine } from '../generator-training/command-line.ts';
import { VAE, type VaeSettings } from './settings.ts';

export function vaeCommandLine(settings: VaeSettings, seed: number, out: string): string {
  return trainingCommandLine(VAE.name, {
    data: settings.data,
    size: settings.size,
    architecture: settings.architecture,
    latent: settings.latent,
    width: settings.width,
    epochs: settings.epochs,
    batch: settings.batch,
    'learning-rate': settings.learningRate,
    seed,
    threads: settings.threads,
    device: settings.device === 'cpu' ? undefined : settings.device,
    out,
  });
}

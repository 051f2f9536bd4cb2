/** @file The command that repeats the training of a generative adversarial network. */

import { trainingCommandLine } from '../generator-training/command-line.ts';
import { GAN, type GanSettings } from './settings.ts';

export function ganCommandLine(settings: GanSettings, seed: number, out: string): string {
  return trainingCommandLine(GAN.name, {
    data: settings.data,
    size: settings.size,
    architecture: settings.architecture,
    conditional: settings.conditional,
    latent: settings.latent,
    'latent-distribution': settings.latentDistribution,
    width: settings.width,
    epochs: settings.epochs,
    batch: settings.batch,
    'learning-rate': settings.learningRate,
    'real-label': settings.realLabel,
    'gradient-penalty': settings.gradientPenalty,
    average: settings.average,
    seed,
    threads: settings.threads,
    device: settings.device === 'cpu' ? undefined : settings.device,
    out,
  });
}

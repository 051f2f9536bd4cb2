/** @file All commands, by name. A new one is a file beside this one, and an entry here. */

import type { Command } from 'commander';

/** A command that is loaded when it is asked for, so that help and start are quick. */
export interface CommandEntry {
  readonly name: string;
  /** What it is for, in one line. */
  readonly summary: string;
  /** The command with its options and its action. */
  load(): Promise<Command>;
}

/** In the order in which they are listed. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'fool',
    summary: 'make images that mean nothing and that a network is certain about, one for every class',
    load: async () => (await import('./fool.ts')).foolCommand(),
  },
  {
    name: 'attack',
    summary: 'make adversarial examples of given images: changed a little, taken for something else',
    load: async () => (await import('./attack.ts')).attackCommand(),
  },
  {
    name: 'audit',
    summary: 'find out whether garbage passes a model, what stops it and what is fragile: a report, and gates for CI',
    load: async () => (await import('./audit.ts')).auditCommand(),
  },
  {
    name: 'guard',
    summary:
      'fit detectors of what a model does not know, choose one by evidence, and fold it into one guarded ONNX file',
    load: async () => (await import('./guard.ts')).guardCommand(),
  },
  {
    name: 'score',
    summary:
      'score labelled images: accuracy, confusion, calibration, the most certain mistakes, and which preprocessing fits',
    load: async () => (await import('./score.ts')).scoreCommand(),
  },
  {
    name: 'train',
    summary: 'train a network on a dataset, and write it as ONNX file with a model card',
    load: async () => (await import('./train.ts')).trainCommand(),
  },
  {
    name: 'generator',
    summary: 'measure how good a generator of images is, beside real images that were held out: a report',
    load: async () => (await import('./generator.ts')).generatorCommand(),
  },
  {
    name: 'reproduce',
    summary: 'test the claims of the paper, each with the published figure beside ours and a verdict',
    load: async () => (await import('./reproduce.ts')).reproduceCommand(),
  },
  {
    name: 'studio',
    summary: 'open the studio in a browser: watch searches, breed images, attack drawings',
    load: async () => (await import('./studio.ts')).studioCommand(),
  },
  {
    name: 'inspect',
    summary: 'print inputs, outputs, operators and card of a model, and what blocks its gradient, if anything',
    load: async () => (await import('./inspect.ts')).inspectCommand(),
  },
  {
    name: 'data',
    summary: 'list, fetch and verify data sets and networks that are not part of the package',
    load: async () => (await import('./data.ts')).dataCommand(),
  },
  {
    name: 'gradient',
    summary: 'write the gradient of a network as an ONNX model that any runtime can run, checked by finite differences',
    load: async () => (await import('./gradient.ts')).gradientCommand(),
  },
  {
    name: 'campaign',
    summary: 'run searches, attacks and audits of many models over many machines, so that nothing is lost',
    load: async () => (await import('./campaign.ts')).campaignCommand(),
  },
  {
    name: 'worker',
    summary: 'compute units of campaigns that wait in a queue',
    load: async () => (await import('./worker.ts')).workerCommand(),
  },
  {
    name: 'completion',
    summary: 'print a script that completes commands, options and names at Tab: bash, zsh or fish',
    load: async () => (await import('./completion.ts')).completionCommand(),
  },
];

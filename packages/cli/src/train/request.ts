/** @file What the user asks for, made whole: settings with their defaults, and where the model goes. */

import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { defenceNamed, defendedLoss, InputError } from '@pareidolia/core';
import type { JobConfig } from '../job/config.ts';
import { requireOpenFolder } from '../job/files.ts';
import { requireNames } from './out.ts';
import type { TrainSettings } from './settings.ts';

export interface TrainRequest {
  /** The settings that the user gave; others come from the resumed training, or are defaults. */
  readonly given: Partial<TrainSettings>;
  readonly seed?: number;
  /** Path of the model to write; `<network>-<data>.onnx` when absent. */
  readonly out?: string;
  readonly resume: boolean;
  /** Threads if the user gives no number. */
  readonly threads: number;
}

/** @throws InputError where defences and outliers do not fit each other */
export function requireOutliers({ defences = [], outliers, adversarial }: TrainSettings): void {
  if (defences.length > 0 && adversarial !== undefined) {
    throw new InputError(
      '--adversarial and --defence are two answers to one question; give --defence adversarial-training',
    );
  }
  const { needsOutliers } = defendedLoss(defences);
  if (needsOutliers && outliers === undefined) {
    const needing = defences.filter(({ name }) => defenceNamed(name).needsOutliers).map(({ name }) => name);
    throw new InputError(
      `--defence ${needing.join(',')} learns from images that show none of the classes; give --outliers, for example --outliers noise`,
    );
  }
  if (!needsOutliers && outliers !== undefined) {
    throw new InputError(
      'No chosen defence learns from --outliers; leave them out, or choose outlier-exposure, ceda or acet',
    );
  }
}

export function outOf({ out, given: { network, from, data }, resume }: TrainRequest): string {
  if (out !== undefined) return out;
  const what = network ?? (from === undefined ? undefined : lastPart(from).replace(/\.onnx$/i, ''));
  if (what !== undefined && data !== undefined) return `${what}-${lastPart(data)}.onnx`;
  throw resume ? new InputError('--resume needs --out, the model whose training is to go on') : nothingNamed();
}

function lastPart(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? 'data';
}

function nothingNamed(): InputError {
  return new InputError(
    'Name a network and its data, for example: pareidolia train lenet --data digits, or train one of yours on: pareidolia train --from model.onnx --data photos/',
  );
}

export function settingsOf(request: TrainRequest, before: JobConfig<TrainSettings> | undefined): TrainSettings {
  const { given, threads } = request;
  const own = { ...before?.settings, ...given };
  const { network, from, data } = own;
  if ((network === undefined && from === undefined) || data === undefined) {
    if (request.resume) {
      throw new InputError(
        `There is no training of ${request.out} to go on with; check --out, or name a network and its data to begin one`,
      );
    }
    throw nothingNamed();
  }
  if (network !== undefined && from !== undefined) {
    throw new InputError(`${network} is a new network and --from ${from} is one to go on with; name one of them`);
  }
  requireFitting(own);
  const usual = {
    epochs: from === undefined ? 10 : 3,
    batch: 64,
    distortion: from === undefined,
    freeze: 'none',
    replaceLast: false,
    device: 'cpu',
    threads,
    force: false,
  } as const;
  return { ...usual, ...own, data };
}

/** @throws InputError where an option is for networks made here, or for given ones, and the other is trained */
function requireFitting({ from, hidden, card, freeze, replaceLast }: Partial<TrainSettings>): void {
  const idle =
    from === undefined
      ? Object.entries({ '--card': card, '--freeze': freeze, '--replace-last': replaceLast })
      : Object.entries({ '--hidden': hidden });
  const found = idle.find(([, value]) => value !== undefined && value !== 'none' && value !== false);
  if (found === undefined) return;
  throw new InputError(
    from === undefined
      ? `${found[0]} belongs to a network of yours; give --from model.onnx, or leave it out`
      : `${found[0]} belongs to networks that are made here; leave it out with --from`,
  );
}

/** Checked before hours of training rather than after. */
export function requireWritable(out: string): void {
  if (out === '') throw new InputError('--out is empty; give the name of a model, or leave it out');
  if (!/\.onnx$/i.test(out)) throw new InputError(`--out ${out} should end in .onnx; rename it`);
  const folder = dirname(out);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError(`There is no folder ${folder} to write ${out} to; create it, or choose another --out`);
  }
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError(`${out} is a folder; choose a file as --out`);
  }
  requireOpenFolder(folder);
  requireNames(out);
}

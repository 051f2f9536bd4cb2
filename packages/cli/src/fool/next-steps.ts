/** @file What to try where a search has not fooled every class. */

import { DEFAULT_EMITTER, emitterNamed, followsGradients } from '@pareidolia/core';
import type { NextStep, Trend } from '@pareidolia/lab';
import { earlierGenerator, generatorWords } from '../generator/generator-file.ts';
import { quote, resumingCommand } from '../job/command-line.ts';
import type { JobConfig } from '../job/config.ts';
import { type CardOptions, cardOptionWords } from '../model/card-options.ts';
import { ranges } from './command-line.ts';
import { memberPaths } from './members.ts';
import type { FoolSettings } from './settings.ts';

/** How much longer a search gets that still rises. */
const LONGER = 4;

/** Where a search ended. */
export interface SearchEnd {
  readonly config: JobConfig<FoolSettings>;
  /** Its folder. */
  readonly out: string;
  readonly trend: Trend;
  /** Whether gradients flow through the network. */
  readonly hasGradient: boolean;
  /** How many classes the network has. */
  readonly numClasses: number;
}

/** What may get further, the strongest first: gradients where there are some, more of the same where it helped, another encoding. */
export function nextSteps({ config, out, trend, hasGradient, numClasses }: SearchEnd): NextStep[] {
  const { inputs, settings, seed } = config;
  const begin = ['npx pareidolia fool'];
  if (inputs.model?.path !== undefined) begin.push('--model', quote(inputs.model.path));
  const { fooled, onlookers } = memberPaths({}, config);
  for (const member of fooled) begin.push('--model', quote(member));
  for (const onlooker of onlookers) begin.push('--transfer', quote(onlooker));
  const card = inputs['model card']?.path;
  if (card !== undefined) begin.push('--card', quote(card));
  begin.push(...cardOptionWords((inputs['model card']?.options ?? {}) as CardOptions));
  if (settings.classes.length < numClasses) begin.push('--classes', ranges(settings.classes));
  const { archive, measures } = settings;
  if (measures !== undefined) begin.push('--archive', archive, '--measures', measures.join(','));
  if (settings.device !== 'cpu') begin.push('--device', settings.device);
  const fresh = (...words: readonly string[]): string => [...begin, ...words].join(' ');
  const generator = earlierGenerator(config);
  // Steps that go on with latents need their generator.
  const latent = generator === undefined ? '' : ` ${generatorWords(generator).join(' ')}`;
  const emitter = emitterNamed(settings.emitter);
  const follows = followsGradients(emitter);
  // Without it the emitter's own would be searched.
  const own =
    generator !== undefined || settings.encoding === emitter.encoding ? [] : ['--encoding', settings.encoding];
  const steps: NextStep[] = [];
  if (!follows && hasGradient) {
    steps.push({ what: "follow the network's gradients", command: `${fresh('--emitter gradient-ascent')}${latent}` });
  }
  if (settings.generations !== undefined && trend !== 'level') {
    const generations = Math.max(100, LONGER * settings.generations);
    steps.push({ what: 'more generations', command: `${resumingCommand('fool', out)} --generations ${generations}` });
  }
  if (follows) {
    steps.push(
      {
        what: 'other starting points',
        command: `${fresh('--emitter', settings.emitter, ...own, '--seed', String((seed ?? 1) + 1))}${latent}`,
      },
      { what: 'evolution, which needs no gradients', command: `${fresh('--emitter', DEFAULT_EMITTER)}${latent}` },
    );
  } else {
    const other = settings.encoding === 'cppn' ? 'direct' : 'cppn';
    steps.push({ what: 'another encoding', command: fresh('--encoding', other) });
  }
  return steps;
}

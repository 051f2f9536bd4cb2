/** @file The command that does a run again. */

import { isDeepStrictEqual } from 'node:util';
import { ASCENT_PRESETS, type AscentSettings, CPPN_DEFAULTS, DIRECT_DEFAULTS } from '@pareidolia/core';
import { quote } from '../job/command-line.ts';
import type { RunConfig } from './config.ts';

/** @param labels how many classes the network has */
export function reproducingCommand(config: Omit<RunConfig, 'command'>, labels: number): string {
  const { method, model, card } = config;
  const words = ['npx', 'pareidolia', 'fool'];
  const add = (option: string, value: string | number): void => {
    words.push(`--${option}`, quote(String(value)));
  };
  if (model.path !== undefined) add('model', model.path);
  if (card.path !== undefined) add('card', card.path);
  add('encoding', method.name);
  add('classes', config.classes.length === labels ? 'all' : ranges(config.classes));
  if (method.name === 'ascent') {
    add('generations', method.settings.steps);
    add('batch', method.group * method.starts);
    add('starts', method.starts);
    add('target', method.target);
    for (const [option, value] of ascentSettings(method.settings)) add(option, value);
  } else {
    add('generations', method.generations);
    add('batch', method.batch);
    const usual: Readonly<Record<string, number>> = { ...(method.name === 'cppn' ? CPPN_DEFAULTS : DIRECT_DEFAULTS) };
    for (const [name, value] of Object.entries(method.options)) {
      if (value !== usual[name]) add('set', `${name}=${value}`);
    }
  }
  add('seed', config.seed);
  if (config.device !== 'cpu') add('device', config.device);
  return words.join(' ');
}

function ascentSettings(settings: AscentSettings): [option: string, value: string][] {
  const { steps, blur, ...others } = settings;
  const preset = Object.entries(ASCENT_PRESETS).find(([, usual]) => isDeepStrictEqual({ ...usual, steps }, settings));
  if (preset !== undefined) return [['preset', preset[0]]];
  const set = Object.entries(others).map(([name, value]): [string, string] => ['set', `${name}=${value}`]);
  if (blur !== undefined) set.push(['set', `blurRadius=${blur.radius}`], ['set', `blurEvery=${blur.every}`]);
  return set;
}

/** The command that goes on with a run: its folder knows the rest. */
export function resumingCommand(run: string): string {
  return `npx pareidolia fool --resume --out ${quote(run)}`;
}

/** 0,1,2,5 as 0-2,5. */
export function ranges(classes: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const index of classes) {
    const last = runs.at(-1);
    if (last !== undefined && index === last[1] + 1) last[1] = index;
    else runs.push([index, index]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}

/** @file The configuration of networks of timm (PyTorch image models). */

import type { ModelCardInput } from '../card.ts';
import {
  type CardPart,
  defined,
  type Fields,
  isFields,
  jsonFields,
  perChannel,
  pixels,
  type SidecarFormat,
} from './card-part.ts';
import { namesOfTable } from './class-names.ts';

const MODES: Readonly<Record<string, 'crop' | 'squash' | 'pad'>> = { center: 'crop', squash: 'squash', border: 'pad' };

const FILTERS = ['nearest', 'bilinear', 'bicubic', 'lanczos'] as const;

export const timm: SidecarFormat = {
  name: 'the configuration of a network of timm',
  files: ['config.json', 'pretrained_cfg.json', 'preprocess_cfg.json', 'data_config.json'],
  reads:
    '`mean`, `deviation` (std), `height` and `width` (input_size), `resize` (crop_pct, crop_mode, interpolation), `classNames` (label_names, or their label_descriptions); at the top, or in `pretrained_cfg`',
  parse: (text) => {
    const config = jsonFields(text);
    const inner = config?.pretrained_cfg ?? config?.preprocess_cfg ?? config?.data_config ?? config;
    if (config === undefined || !isFields(inner) || !('input_size' in inner || ('mean' in inner && 'std' in inner))) {
      return undefined;
    }
    const { fields, notices } = preprocessing(inner);
    const classNames = labels(config) ?? labels(inner);
    return { fields: { ...fields, ...(classNames === undefined ? {} : { classNames }) }, notices };
  },
};

function labels({ label_names: names, label_descriptions: descriptions }: Fields): string[] | undefined {
  const listed = namesOfTable(names);
  if (!isFields(descriptions)) return listed;
  return listed?.map((name) => (typeof descriptions[name] === 'string' ? descriptions[name] : name));
}

function preprocessing(config: Fields): CardPart {
  const notices: string[] = [];
  const [channels, height, width = height] = Array.isArray(config.input_size) ? config.input_size.map(pixels) : [];
  const [mean, deviation] = [perChannel(config.mean), perChannel(config.std)];
  const isUsable = mean !== undefined && deviation !== undefined && [deviation].flat().every((value) => value > 0);
  if (!isUsable) notices.push('mean and std are not one number or three each, of which std is above 0');
  const { crop_pct: share, crop_mode: said = 'center', interpolation } = config;
  const mode = MODES[String(said)] ?? 'crop';
  const filter = FILTERS.find((name) => name === interpolation);
  const side = Math.min(height ?? Number.NaN, width ?? Number.NaN);
  const shorterSide = typeof share === 'number' && share > 0 && side > 0 ? Math.floor(side / share) : undefined;
  if (mode !== 'crop' && typeof share === 'number' && share < 1) {
    notices.push(`crop_pct ${share} is left out, since crop_mode is ${said}`);
  }
  const resize = defined<NonNullable<ModelCardInput['resize']>>({
    mode,
    filter,
    shorterSide: mode === 'crop' ? shorterSide : undefined,
  });
  return {
    fields: defined<ModelCardInput>({
      ...(isUsable ? { range: [0, 1], mean, deviation } : {}),
      height,
      width,
      color: channels === 1 ? 'grey' : undefined,
      resize: share === undefined && interpolation === undefined ? undefined : resize,
    }),
    notices,
  };
}

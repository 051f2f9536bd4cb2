/** @file The `preprocessor_config.json` of Hugging Face's image processors. */

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

type Resize = NonNullable<ModelCardInput['resize']>;

/** Pillow's numbers of its filters; box and Hamming come nearest to bilinear. */
const FILTERS: readonly NonNullable<Resize['filter']>[] = [
  'nearest',
  'lanczos',
  'bilinear',
  'bicubic',
  'bilinear',
  'bilinear',
];

/** Networks of this size and more are given the whole picture by ConvNeXT's processor. */
const CONVNEXT_WHOLE = 384;

export const huggingFacePreprocessor: SidecarFormat = {
  name: 'the image processor of Hugging Face',
  files: ['preprocessor_config.json'],
  reads:
    '`range` of `do_rescale`, `rescale_factor` and `rescale_offset`; `mean` and `deviation` of `do_normalize`, `image_mean` and `image_std`; `color` bgr of `do_flip_channel_order`; `resize`, `height` and `width` of `do_resize`, `size`, `crop_pct`, `do_center_crop`, `crop_size` and `resample`',
  parse: (text) => {
    const config = jsonFields(text);
    const isProcessor = ['image_mean', 'do_rescale', 'do_normalize', 'do_resize', 'image_processor_type'].some(
      (field) => config !== undefined && field in config,
    );
    if (config === undefined || !isProcessor) return undefined;
    const values = preprocessing(config);
    const sizes = resizing(config);
    return { fields: { ...values.fields, ...sizes.fields }, notices: [...values.notices, ...sizes.notices] };
  },
};

/** What becomes of the values of pixels. */
function preprocessing(config: Fields): CardPart {
  const { do_rescale: rescales, rescale_factor: factor = 1 / 255, do_normalize: normalizes = true } = config;
  const notices: string[] = [];
  const fields: ModelCardInput = {};
  if (rescales === false) fields.range = [0, 255];
  else if (typeof factor === 'number' && factor > 0) {
    // EfficientNet's processor may subtract 1 afterwards.
    const high = rounded(255 * factor);
    fields.range = config.rescale_offset === true ? [-1, high - 1] : [0, high];
  } else notices.push(`rescale_factor ${JSON.stringify(factor)} is no number above 0`);
  if (normalizes === true && 'image_mean' in config) {
    const [mean, std] = [perChannel(config.image_mean), perChannel(config.image_std ?? 1)];
    if (mean === undefined || std === undefined || [std].flat().some((value) => value <= 0)) {
      notices.push('image_mean and image_std are not one number or three each, of which image_std is above 0');
    } else {
      fields.mean = mean;
      // EfficientNet's processor divides twice for a whole classifier.
      fields.deviation = config.include_top === true ? squared(std) : std;
    }
  }
  if (config.do_flip_channel_order === true) fields.color = 'bgr';
  return { fields, notices };
}

function squared(value: number | number[]): number | number[] {
  return Array.isArray(value) ? value.map((each) => each * each) : value * value;
}

/** 255 times a factor of 0.00392156862745098 is 1. */
function rounded(value: number): number {
  const near = Math.round(value);
  return Math.abs(value - near) < 1e-6 ? near : value;
}

/** How pictures of other sizes become inputs. */
function resizing(config: Fields): CardPart {
  const { do_resize: resizes = true, do_center_crop: crops = false, crop_pct: share, resample } = config;
  const size = sideOf(config.size);
  const crop = sideOf(config.crop_size);
  const filter = typeof resample === 'number' ? FILTERS[resample] : undefined;
  const notices: string[] = [];
  const input = crops === true && crop !== undefined ? crop : size;
  const fields = (resize: Resize): ModelCardInput =>
    defined<ModelCardInput>({
      resize: { ...resize, ...(filter === undefined ? {} : { filter }) },
      height: input?.height ?? input?.shortest,
      width: input?.width ?? input?.shortest,
    });
  if (resizes !== true || size === undefined) return { fields: {}, notices };
  const shortest = size.shortest ?? (crops === true || share !== undefined ? size.plain : undefined);
  if (typeof share === 'number' && share > 0 && shortest !== undefined) {
    const isWhole = String(config.image_processor_type ?? config.feature_extractor_type).startsWith('ConvNext');
    if (isWhole && shortest >= CONVNEXT_WHOLE) return { fields: fields({ mode: 'squash' }), notices };
    return { fields: fields({ mode: 'crop', shorterSide: Math.floor(shortest / share) }), notices };
  }
  if (shortest !== undefined) return { fields: fields({ mode: 'crop', shorterSide: shortest }), notices };
  if (crops === true && crop?.height !== undefined && size.height !== undefined && size.height > crop.height) {
    notices.push(
      `pictures are squashed to ${size.width} x ${size.height} and the center of ${crop.width} x ${crop.height} is cut out; the shorter side is scaled to ${size.height} instead, which is the same for square ones`,
    );
    return { fields: fields({ mode: 'crop', shorterSide: size.height }), notices };
  }
  return { fields: fields({ mode: 'squash' }), notices };
}

interface Side {
  readonly shortest?: number;
  readonly height?: number;
  readonly width?: number;
  /** As one number, which earlier versions wrote. */
  readonly plain?: number;
}

function sideOf(value: unknown): Side | undefined {
  const plain = pixels(value);
  if (plain !== undefined) return { plain, height: plain, width: plain };
  if (!isFields(value)) return undefined;
  const [shortest, height, width] = [value.shortest_edge, value.height, value.width].map(pixels);
  if (shortest !== undefined) return { shortest };
  return height === undefined || width === undefined ? undefined : { height, width };
}

import { describe, expect, it } from 'vitest';
import { parseCard } from '../card.ts';
import { readSidecars } from './sidecars.ts';

/** What is read of files beside a model `net.onnx`. */
const read = (files: Record<string, unknown>) =>
  readSidecars('net', (file) => {
    const value = files[file];
    return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
  });

/** Of one file, what it says; it is part of a card. */
function fieldsOf(file: string, contents: unknown) {
  const [found, ...others] = read({ [file]: contents });
  expect(others).toEqual([]);
  expect(found?.part.notices).toEqual([]);
  parseCard(found!.part.fields);
  return found!.part.fields;
}

const IMAGENET = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };

describe('preprocessor_config.json', () => {
  const of = (config: object) => fieldsOf('preprocessor_config.json', config);

  it('of ViT: squashed, (x/255 - .5) / .5', () => {
    // google/vit-base-patch16-224
    const vit = {
      do_normalize: true,
      do_rescale: true,
      do_resize: true,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
      image_processor_type: 'ViTImageProcessor',
      resample: 2,
      rescale_factor: 0.00392156862745098,
      size: { height: 224, width: 224 },
    };
    const expected = {
      range: [0, 1],
      mean: 0.5,
      deviation: 0.5,
      resize: { mode: 'squash', filter: 'bilinear' },
      height: 224,
      width: 224,
    };
    expect(of(vit)).toEqual(expected);
    // As it was written before sizes were dictionaries and rescaling could be turned off.
    const { do_rescale: _, rescale_factor: __, ...earlier } = vit;
    expect(of({ ...earlier, size: 224 })).toEqual(expected);
  });

  it('of CLIP: the shorter side to 224, the center cut out, bicubic', () => {
    const clip = {
      do_center_crop: true,
      crop_size: { height: 224, width: 224 },
      size: { shortest_edge: 224 },
      resample: 3,
      do_normalize: true,
      ...IMAGENET,
    };
    const { resize, range, mean, height } = of(clip);
    expect(resize).toEqual({ mode: 'crop', shorterSide: 224, filter: 'bicubic' });
    expect([range, mean, height]).toEqual([[0, 1], IMAGENET.image_mean, 224]);
    expect(of({ ...clip, crop_size: 224, size: 256 }).resize).toMatchObject({ mode: 'crop', shorterSide: 256 });
  });

  it('of ConvNeXT and ResNet: crop_pct, but the whole picture from 384', () => {
    const convnext = { image_processor_type: 'ConvNextImageProcessor', crop_pct: 0.875, resample: 3, ...IMAGENET };
    expect(of({ ...convnext, size: { shortest_edge: 224 } })).toMatchObject({
      resize: { mode: 'crop', shorterSide: 256, filter: 'bicubic' },
      height: 224,
    });
    expect(of({ ...convnext, size: 224 }).resize).toMatchObject({ shorterSide: 256 });
    expect(of({ ...convnext, size: { shortest_edge: 384 } }).resize).toMatchObject({ mode: 'squash' });
  });

  it('of EfficientNet: rescale_offset, and std applied twice with include_top', () => {
    const fields = of({ do_rescale: true, rescale_factor: 1 / 127.5, rescale_offset: true, do_normalize: false });
    expect(fields).toEqual({ range: [-1, 1] });
    const twice = of({ include_top: true, image_mean: [0, 0, 0], image_std: [0.5, 0.5, 0.25] });
    expect(twice).toEqual({ range: [0, 1], mean: 0, deviation: [0.25, 0.25, 0.0625] });
  });

  it('without rescaling gives 0 .. 255, and with flipped channels BGR', () => {
    expect(of({ do_rescale: false, do_normalize: false })).toEqual({ range: [0, 255] });
    expect(of({ do_rescale: true, do_normalize: false, do_flip_channel_order: true })).toEqual({
      range: [0, 1],
      color: 'bgr',
    });
  });

  it('tells what a card cannot say', () => {
    const deit = {
      do_center_crop: true,
      size: { height: 256, width: 256 },
      crop_size: { height: 224, width: 224 },
      ...IMAGENET,
    };
    const [found] = read({ 'preprocessor_config.json': deit });
    expect(found?.part.fields.resize).toEqual({ mode: 'crop', shorterSide: 256 });
    expect(found?.part.notices.join()).toMatch(/^preprocessor_config.json: .*256 x 256.*224 x 224/);
  });

  it('tells what is no number', () => {
    const [found] = read({
      'preprocessor_config.json': { image_mean: 'half', image_std: [0, 1, 2], rescale_factor: 'x' },
    });
    expect(found?.part).toMatchObject({
      fields: {},
      notices: [/rescale_factor "x"/, /image_mean and image_std/].map((text) => expect.stringMatching(text)),
    });
  });
});

describe('config.json', () => {
  it('of Hugging Face', () => {
    const config = { id2label: { 0: 'cat', 1: 'dog' }, label2id: { cat: 0, dog: 1 }, image_size: 224, num_channels: 3 };
    expect(fieldsOf('config.json', config)).toEqual({ classNames: ['cat', 'dog'], height: 224, width: 224 });
    expect(
      fieldsOf('config.json', { num_channels: 1, image_size: [28, 32], id2label: { 0: 'LABEL_0', 1: 'LABEL_1' } }),
    ).toEqual({
      height: 28,
      width: 32,
      color: 'grey',
    });
  });

  it('of timm', () => {
    const config = {
      architecture: 'resnet50',
      num_classes: 2,
      label_names: ['n01440764', 'n01443537'],
      label_descriptions: { n01440764: 'tench, Tinca tinca', n01443537: 'goldfish' },
      pretrained_cfg: {
        input_size: [3, 224, 224],
        interpolation: 'bicubic',
        crop_pct: 0.95,
        crop_mode: 'center',
        mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225],
      },
    };
    expect(fieldsOf('config.json', config)).toEqual({
      classNames: ['tench, Tinca tinca', 'goldfish'],
      range: [0, 1],
      mean: [0.485, 0.456, 0.406],
      deviation: [0.229, 0.224, 0.225],
      height: 224,
      width: 224,
      // timm: floor(224 / .95)
      resize: { mode: 'crop', shorterSide: 235, filter: 'bicubic' },
    });
    expect(fieldsOf('data_config.json', { input_size: [1, 28, 28], mean: [0.5], std: [0.5] })).toEqual({
      range: [0, 1],
      mean: 0.5,
      deviation: 0.5,
      height: 28,
      width: 28,
      color: 'grey',
    });
    const squash = { ...config.pretrained_cfg, crop_mode: 'squash', crop_pct: 1 };
    expect(fieldsOf('pretrained_cfg.json', squash).resize).toEqual({ mode: 'squash', filter: 'bicubic' });
  });

  it.each([[{ kind: 'fool', format: 2, settings: {} }], [[1, 2]], ['"text"'], [{ model_type: 'bert' }]])(
    'of something else says nothing: %j',
    (config) => {
      expect(read({ 'config.json': config })).toEqual([]);
    },
  );
});

it('metadata.json of Teachable Machine', () => {
  const metadata = {
    tfjsVersion: '1.3.1',
    packageName: '@teachablemachine/image',
    labels: ['A', 'B'],
    imageSize: 96,
    grayscale: true,
  };
  expect(fieldsOf('metadata.json', metadata)).toEqual({
    classNames: ['A', 'B'],
    height: 96,
    width: 96,
    range: [-1, 1],
    color: 'grey',
  });
  expect(read({ 'metadata.json': { name: 'x', labels: ['A', 'B'] } })).toEqual([]);
});

it('inference.yml of PaddleClas', () => {
  const yaml = `
Global:
  model_name: PP-LCNet_x1_0
PreProcess:
  transform_ops:
  - ResizeImage:
      resize_short: 256
  - CropImage:
      size: 224
  - NormalizeImage:
      channel_order: ''
      mean: [0.485, 0.456, 0.406]
      scale: 1.0/255.0
      std: [0.229, 0.224, 0.225]
  - ToCHWImage: null
PostProcess:
  Topk:
    topk: 2
    label_list:
    - tench
    - goldfish
`;
  const expected = {
    range: [0, 1],
    mean: [0.485, 0.456, 0.406],
    deviation: [0.229, 0.224, 0.225],
    height: 224,
    width: 224,
    resize: { mode: 'crop', shorterSide: 256 },
    classNames: ['tench', 'goldfish'],
  };
  expect(fieldsOf('inference.yml', yaml)).toEqual(expected);
  expect(fieldsOf('inference.yaml', yaml.replace('1.0/255.0', '0.00392157'))).toEqual(expected);
  expect(read({ 'inference.yml': 'mode: paddle\n' })).toEqual([]);
});

describe('files of names', () => {
  it.each([
    ['labels.txt', '0 cat\n1 dog\n'],
    ['net.labels.txt', 'cat\ndog'],
    ['net.names', 'cat\ndog'],
    ['synset_words.txt', 'n02123045 cat\nn02084071 dog\n'],
    ['class_indices.json', '{"cat": 0, "dog": 1}'],
    ['imagenet_class_index.json', '{"0": ["n02123045", "cat"], "1": ["n02084071", "dog"]}'],
  ])('%s', (file, text) => {
    expect(fieldsOf(file, text)).toEqual({ classNames: ['cat', 'dog'] });
  });
});

describe('a file that cannot be used', () => {
  it.each([
    ['config.json', '{'],
    ['labels.txt', ''],
    ['labels.json', '{"0": "cat", "5": "dog"}'],
    ['inference.yml', 'a: [\n b'],
    ['preprocessor_config.json', 'null and void'],
  ])('%s is named once and does not end anything', (file, text) => {
    const found = read({ [file]: text, 'classes.txt': 'cat\ndog' });
    const notices = new Set(found.flatMap(({ part }) => part.notices));
    expect([...notices]).toEqual([expect.stringMatching(new RegExp(`^${file} is not used: \\S`))]);
    expect(found.at(-1)?.part.fields.classNames ?? found[0]?.part.fields.classNames).toEqual(['cat', 'dog']);
  });

  it('also where reading fails', () => {
    const [found] = readSidecars('net', (file) => {
      if (file === 'labels.txt') throw new Error('you are not allowed to');
      return undefined;
    });
    expect(found?.part.notices).toEqual(['labels.txt is not used: you are not allowed to']);
  });
});

import { describe, expect, it } from 'vitest';
import { metadataPart } from './metadata.ts';

const read = (entries: Record<string, string>) => metadataPart(new Map(Object.entries(entries)), 'm.onnx');

describe("a file's metadata", () => {
  // The values of ONNX's MetadataProps.md, whose keys and values are case-insensitive.
  it.each([
    [{ 'Image.BitmapPixelFormat': 'Gray8' }, { color: 'grey' }],
    [{ 'Image.BitmapPixelFormat': 'Rgb8' }, { color: 'rgb' }],
    [{ 'image.bitmappixelformat': 'BGR8' }, { color: 'bgr' }],
    [{ 'Image.NominalPixelRange': 'NominalRange_0_255' }, { range: [0, 255] }],
    [{ 'Image.NominalPixelRange': 'Normalized_0_1' }, { range: [0, 1] }],
    [{ 'Image.NominalPixelRange': 'Normalized_1_1' }, { range: [-1, 1] }],
    [{ 'Image.NominalPixelRange': 'NominalRange_16_235' }, { range: [16, 235] }],
    [{ 'Image.ColorSpaceGamma': 'SRGB' }, {}],
    [{ stride: '32' }, {}],
    [{ imgsz: '[224, 160]' }, { height: 224, width: 160 }],
    [{ imgsz: '640' }, { height: 640, width: 640 }],
    [{ names: `{0: 'cat', 1: "dog's"}` }, { classNames: ['cat', "dog's"] }],
    [{ unknown: 'x' }, {}],
  ])('%j', (entries, fields) => {
    expect(read(entries)).toEqual({ fields, notices: [] });
  });

  it('of a classifier of Ultralytics says how pixels are given', () => {
    const entries = {
      author: 'Ultralytics',
      task: 'classify',
      stride: '1',
      names: "{0: 'a', 1: 'b'}",
      imgsz: '[64, 64]',
    };
    expect(read(entries).fields).toEqual({
      range: [0, 1],
      color: 'rgb',
      classNames: ['a', 'b'],
      height: 64,
      width: 64,
    });
    expect(read({ task: 'classify' }).fields).toEqual({});
  });

  it.each([
    [
      { task: 'detect' },
      'task of its metadata (detect) is detect: the network finds objects, and is no classifier of images',
    ],
    [
      { 'Image.BitmapPixelFormat': 'Rgba8' },
      'Image.BitmapPixelFormat of its metadata (Rgba8) is none of Gray8, Rgb8 and Bgr8',
    ],
    [{ 'Image.ColorSpaceGamma': 'Linear' }, 'asks for linear light'],
    [{ 'Image.NominalPixelRange': 'x\n'.repeat(99) }, '(x x x'],
    [{ names: '{0: cat' }, 'names of its metadata ({0: cat) is no dictionary'],
    [{ imgsz: 'big' }, 'is no size in pixels'],
  ])('is told where it cannot be used: %j', (entries, sentence) => {
    const { fields, notices } = read(entries);
    expect(fields).toEqual({});
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain('m.onnx: ');
    expect(notices[0]).toContain(sentence);
    expect(notices[0]).not.toContain('\n');
  });

  it('may be missing', () => {
    expect(metadataPart(undefined, 'm.onnx')).toEqual({ fields: {}, notices: [] });
  });
});

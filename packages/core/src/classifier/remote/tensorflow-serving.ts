/**
 * @file The REST protocol of TensorFlow Serving, and version 1 of KServe's: metadata by GET `/v1/models/NAME/metadata`, scores by
 * POST `/v1/models/NAME:predict` with `instances`.
 */

import type { DataType } from '@pareidolia/autodiff';
import { InputError } from '../../errors.ts';
import type { FloatImages } from '../../image/images.ts';
import type { ModelCard } from '../card.ts';
import { cardForType, planInput } from '../input.ts';
import { withPath } from './address.ts';
import { askMetadata } from './ask.ts';
import { isRecord, kindOf, nested, numbersIn } from './json.ts';
import { imageDims, modelInput } from './numbers.ts';
import type { Dialogue, RemoteProtocol } from './protocol.ts';

const ADDRESS = /\/v1\/models\/[^/:]+(\/versions\/[^/:]+|\/labels\/[^/:]+)?(:predict)?\/?$/;

const TYPES: Readonly<Record<string, DataType>> = {
  DT_FLOAT: 'float32',
  DT_HALF: 'float32',
  DT_DOUBLE: 'float64',
  DT_UINT8: 'uint8',
  DT_UINT16: 'uint16',
  DT_INT8: 'int8',
  DT_INT16: 'int16',
  DT_INT32: 'int32',
  DT_INT64: 'int64',
};

/** What a signature says of the image; without metadata nothing is known but what the card says. */
interface Signature {
  readonly name?: string;
  readonly input: string;
  readonly type: DataType;
  readonly dims: readonly (number | undefined)[] | undefined;
  readonly outputs: readonly string[];
}

export const tensorflowServing: RemoteProtocol = {
  name: 'TensorFlow Serving REST',
  speaks: (path) => ADDRESS.test(path),
  async open(subject) {
    const { where, card: written } = subject;
    const base = withPath(subject.url, (path) => path.replace(/(:predict)?\/?$/, ''));
    const metadata = await askMetadata(
      withPath(base, (path) => `${path}/metadata`),
      subject,
      true,
    );
    const signature = signatureOf(metadata, written, where);
    // TensorFlow has channels last, where nobody says otherwise.
    const card = cardForType(
      { ...written, ...(signature.dims === undefined && written.layout === undefined ? { layout: 'NHWC' } : {}) },
      signature.type,
    );
    const plan = planInput(signature.input, signature.dims, card, where, signature.type);
    const others = card.inputs ?? {};
    const batch = signature.dims?.[0];
    const predictUrl = withPath(base, (path) => `${path}:predict`);
    const dialogue: Dialogue = {
      plan,
      sends: 'floats',
      ...(batch === undefined ? {} : { most: batch, isFixed: true }),
      metadata: metadata ?? null,
      output: card.outputName ?? signature.outputs[0] ?? 'predictions',
      async request(images) {
        const rows = nested(modelInput(images as FloatImages, plan), [images.count, ...imageDims(plan)]) as unknown[];
        const named = Object.keys(others).length > 0;
        const instances = named ? rows.map((row) => ({ [signature.input]: row, ...others })) : rows;
        const body = { ...(signature.name === undefined ? {} : { signature_name: signature.name }), instances };
        return { method: 'POST', url: predictUrl, body: { kind: 'json', text: JSON.stringify(body) } };
      },
      read(json, count) {
        const wrong = (what: string): never => {
          throw new InputError(`${where} ${what}`);
        };
        if (!isRecord(json) || !('predictions' in json || 'outputs' in json)) {
          return wrong(`answers with ${kindOf(json)} instead of predictions`);
        }
        const rows = 'predictions' in json ? json.predictions : columns(json.outputs, written, where);
        if (!Array.isArray(rows) || rows.length !== count) {
          return wrong(`gives ${kindOf(rows)} as predictions for ${count} images`);
        }
        return rows.map((row) => {
          const own = isRecord(row) ? chosen(row, written, where) : row;
          return { scores: numbersIn(own, wrong) };
        });
      },
    };
    return dialogue;
  },
};

/** `outputs` in columns: one array, or an array for each output. */
function columns(outputs: unknown, card: ModelCard, where: string): unknown {
  return isRecord(outputs) ? chosen(outputs, card, where) : outputs;
}

/** The output that scores, of several. */
function chosen(outputs: Readonly<Record<string, unknown>>, { outputName }: ModelCard, where: string): unknown {
  const names = Object.keys(outputs);
  if (outputName !== undefined && Object.hasOwn(outputs, outputName)) return outputs[outputName];
  if (outputName === undefined && names.length === 1) return outputs[names[0]!];
  throw new InputError(
    `${where} has outputs ${names.slice(0, 10).join(', ')}; say in the card's field outputName which one scores`,
  );
}

function signatureOf(metadata: unknown, card: ModelCard, where: string): Signature {
  const none: Signature = { input: 'image', type: 'float32', dims: undefined, outputs: [] };
  const held = isRecord(metadata) && isRecord(metadata.metadata) ? metadata.metadata.signature_def : undefined;
  const all = isRecord(held) && isRecord(held.signature_def) ? held.signature_def : undefined;
  if (all === undefined) return none;
  const usual = 'serving_default';
  const names = Object.keys(all).filter((name) => !name.startsWith('__'));
  const name = names.includes(usual) ? usual : names.length === 1 ? names[0] : undefined;
  const signature = name === undefined ? undefined : all[name];
  if (!isRecord(signature) || !isRecord(signature.inputs) || !isRecord(signature.outputs)) {
    throw new InputError(
      `${where} has the signatures ${names.slice(0, 10).join(', ') || 'none'}; serve it with one called ${usual}`,
    );
  }
  const inputs = Object.entries(signature.inputs).filter(([input]) => !Object.hasOwn(card.inputs ?? {}, input));
  const [image, ...others] = inputs;
  if (image === undefined || others.length > 0) {
    throw new InputError(
      `${where} has the inputs ${Object.keys(signature.inputs).join(', ')}; say in the card's field inputs what those beside the image are given`,
    );
  }
  const [input, info] = image;
  const type = isRecord(info) ? TYPES[String(info.dtype)] : undefined;
  if (!isRecord(info) || type === undefined) {
    throw new InputError(
      `${where}: input ${input} is of ${isRecord(info) ? String(info.dtype) : kindOf(info)}, which holds no pixels; describe its requests in the card's field endpoint`,
    );
  }
  return {
    ...(name === usual ? {} : { name: name! }),
    input,
    type,
    dims: dimsOf(info.tensor_shape),
    outputs: Object.keys(signature.outputs),
  };
}

/** Lengths come as text, -1 where they are open. */
function dimsOf(shape: unknown): readonly (number | undefined)[] | undefined {
  if (!isRecord(shape) || shape.unknown_rank === true || !Array.isArray(shape.dim)) return undefined;
  return shape.dim.map((dim) => {
    const size = Number(isRecord(dim) ? dim.size : dim);
    return size > 0 ? size : undefined;
  });
}

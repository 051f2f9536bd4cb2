/**
 * @file The Open Inference Protocol, version 2 (KServe, Triton, MLServer, OpenVINO Model Server): metadata by GET
 * `/v2/models/NAME`, scores by POST `/v2/models/NAME/infer` with tensors as JSON.
 */

import type { DataType } from '@pareidolia/autodiff';
import { InputError } from '../../errors.ts';
import type { FloatImages } from '../../image/images.ts';
import type { ModelCard } from '../card.ts';
import { isAlone } from '../image-axes.ts';
import { cardForType, planInput } from '../input.ts';
import { withPath } from './address.ts';
import { askMetadata } from './ask.ts';
import { isRecord, kindOf, numbersIn } from './json.ts';
import { imageDims, modelInput } from './numbers.ts';
import type { Dialogue, RemoteProtocol } from './protocol.ts';

const ADDRESS = /\/v2\/models\/[^/]+(\/versions\/[^/]+)?\/?(infer\/?)?$/;

/** Types that JSON can hold. */
const TYPES: Readonly<Record<string, DataType>> = {
  FP32: 'float32',
  FP64: 'float64',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
};

/** A tensor as metadata describe it. */
interface TensorInfo {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

export const openInference: RemoteProtocol = {
  name: 'Open Inference Protocol v2',
  speaks: (path) => ADDRESS.test(path),
  async open(subject) {
    const { where, card: written } = subject;
    const base = withPath(subject.url, (path) => path.replace(/\/(infer\/?)?$/, ''));
    const metadata = await askMetadata(base, subject);
    const fail = (what: string): never => {
      throw new InputError(`${where}: its metadata ${what}, which is not the Open Inference Protocol v2`);
    };
    if (!isRecord(metadata)) return fail(`are ${kindOf(metadata)}`);
    const input = imageInput(tensors(metadata.inputs, 'inputs', fail), written, where);
    const output = scoreOutput(tensors(metadata.outputs, 'outputs', fail), written, where);
    const type = TYPES[input.datatype];
    if (type === undefined) {
      throw new InputError(
        `${where}: input ${input.name} is of ${input.datatype}, which JSON cannot hold as pixels; serve the model with FP32 or UINT8, or describe its requests in the card's field endpoint`,
      );
    }
    const dims = input.shape.map((length) => (length > 0 ? length : undefined));
    const card = cardForType(written, type);
    const plan = planInput(input.name, dims, card, where, type);
    const alone = isAlone(dims);
    const batch = alone ? 1 : dims[0];
    const others = Object.entries(card.inputs ?? {}).flatMap(([name, value]) => constantsOf(name, value, metadata));
    const dialogue: Dialogue = {
      plan,
      sends: 'floats',
      ...(batch === undefined ? {} : { most: batch, isFixed: true }),
      metadata: {
        name: metadata.name,
        versions: metadata.versions,
        platform: metadata.platform,
        inputs: metadata.inputs,
        outputs: metadata.outputs,
      },
      output: output.name,
      async request(images) {
        const shape = alone ? imageDims(plan) : [images.count, ...imageDims(plan)];
        const data = modelInput(images as FloatImages, plan);
        const inputs = [{ name: input.name, shape, datatype: input.datatype, data }, ...others];
        return {
          method: 'POST',
          url: withPath(base, (path) => `${path}/infer`),
          body: { kind: 'json', text: JSON.stringify({ inputs, outputs: [{ name: output.name }] }) },
        };
      },
      read(json, count) {
        const wrong = (what: string): never => {
          throw new InputError(`${where} ${what}`);
        };
        const outputs = isRecord(json) && Array.isArray(json.outputs) ? json.outputs : undefined;
        if (outputs === undefined) return wrong(`answers with ${kindOf(json)} instead of outputs`);
        const found = outputs.find((each) => isRecord(each) && each.name === output.name);
        if (found === undefined) return wrong(`answers without the output ${output.name}`);
        const numbers = numbersIn(found.data, wrong);
        const shape: readonly unknown[] = Array.isArray(found.shape) ? found.shape : [];
        const product = shape.reduce<number>((all, length) => all * Number(length), 1);
        if (product !== numbers.length || numbers.length % count !== 0 || numbers.length === 0) {
          return wrong(
            `gives ${numbers.length} numbers in the shape [${shape.slice(0, 8).join(', ')}] for ${count} images, which is not a row of scores for each`,
          );
        }
        const width = numbers.length / count;
        return Array.from({ length: count }, (_, row) => ({ scores: numbers.slice(row * width, (row + 1) * width) }));
      },
    };
    return dialogue;
  },
};

function tensors(value: unknown, field: string, fail: (what: string) => never): readonly TensorInfo[] {
  if (!Array.isArray(value) || value.length === 0) return fail(`have ${kindOf(value)} as ${field}`);
  return value.map((each): TensorInfo => {
    if (!isRecord(each) || typeof each.name !== 'string' || typeof each.datatype !== 'string') {
      return fail(`have ${kindOf(each)} among the ${field}`);
    }
    const shape = Array.isArray(each.shape) ? each.shape.map(Number) : undefined;
    if (!shape?.every(Number.isInteger)) return fail(`say no shape of ${each.name}`);
    return { name: each.name, datatype: each.datatype, shape };
  });
}

function imageInput(inputs: readonly TensorInfo[], { inputs: given = {} }: ModelCard, where: string): TensorInfo {
  const [image, ...others] = inputs.filter(({ name }) => !Object.hasOwn(given, name));
  if (image !== undefined && others.length === 0) return image;
  throw new InputError(
    `${where} has the inputs ${inputs.map(({ name }) => name).join(', ')}; say in the card's field inputs what those beside the image are given`,
  );
}

function scoreOutput(outputs: readonly TensorInfo[], { outputName }: ModelCard, where: string): TensorInfo {
  const names = outputs.map(({ name }) => name).join(', ');
  const found = outputName === undefined ? outputs[0] : outputs.find(({ name }) => name === outputName);
  if (found === undefined) {
    throw new InputError(`${where}: the card names output ${outputName}, the model has ${names}; mend outputName`);
  }
  if (outputName === undefined && outputs.length > 1) {
    throw new InputError(`${where} has outputs ${names}; say in the card's field outputName which one scores`);
  }
  return found;
}

/** An input that is always given the same. */
function constantsOf(
  name: string,
  value: number | readonly number[],
  { inputs }: Readonly<Record<string, unknown>>,
): object[] {
  const info = (inputs as readonly TensorInfo[]).find((each) => each.name === name);
  if (info === undefined) return [];
  const shape = info.shape.map((length) => (length > 0 ? length : 1));
  const size = shape.reduce((product, length) => product * length, 1);
  const data = typeof value === 'number' ? new Array<number>(size).fill(value) : value;
  return [{ name, shape, datatype: info.datatype, data }];
}

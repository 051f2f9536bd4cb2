/** @file How a gradient file is run, for the terminal. */

import type { Dim } from '@pareidolia/autodiff';
import type { Port } from './gradient-graph.ts';

const PYTHON_TYPES: Readonly<Record<string, string>> = { bool: 'bool_' };

/** Lines that run the file with ONNX Runtime in Python, from a folder in which it lies. */
export function pythonExample(file: string, inputs: readonly Port[], outputs: readonly Port[]): string {
  const feeds = inputs.map(({ name, type, shape }) => {
    const dims = lengths(shape);
    const numpy = PYTHON_TYPES[type] ?? type;
    const value =
      type === 'float32'
        ? `np.random.rand(${dims.join(', ')}).astype(np.float32)`
        : `np.zeros([${dims.join(', ')}], np.${numpy})`;
    return `${JSON.stringify(name)}: ${value}`;
  });
  const names = outputs.map(({ name }) => JSON.stringify(name)).join(', ');
  const variables = outputs.map((port, place) => variable(port, place)).join(', ');
  return [
    'import numpy as np, onnxruntime as ort',
    `session = ort.InferenceSession(${JSON.stringify(file)})`,
    `${variables} = session.run([${names}], {${feeds.join(', ')}})`,
  ].join('\n');
}

const ARRAYS: Readonly<Record<string, string>> = {
  float32: 'Float32Array',
  int64: 'BigInt64Array',
  int32: 'Int32Array',
  uint8: 'Uint8Array',
  bool: 'Uint8Array',
};

/** The same in Node, as a module. */
export function nodeExample(file: string, inputs: readonly Port[], outputs: readonly Port[]): string {
  const feeds = inputs.map(({ name, type, shape }) => {
    const dims = lengths(shape);
    const count = dims.reduce((product, dim) => product * dim, 1);
    const fill = type === 'float32' ? '.fill(0.5)' : '';
    return `${JSON.stringify(name)}: new Tensor('${type}', new ${ARRAYS[type] ?? 'Float32Array'}(${count})${fill}, [${dims.join(', ')}])`;
  });
  const variables = outputs.map((port, place) => {
    const word = variable(port, place);
    return word === port.name ? word : `${JSON.stringify(port.name)}: ${word}`;
  });
  return [
    "import { InferenceSession, Tensor } from 'onnxruntime-node';",
    `const session = await InferenceSession.create(${JSON.stringify(file)});`,
    `const { ${variables.join(', ')} } = await session.run({ ${feeds.join(', ')} });`,
  ].join('\n');
}

/** One image, and 32 for other lengths that are open. */
function lengths(shape: readonly Dim[]): number[] {
  return shape.map((dim, axis) => (typeof dim === 'number' ? dim : axis === 0 ? 1 : 32));
}

/** A variable for an output: its name in letters that both languages take. */
function variable({ name }: Port, place: number): string {
  const word = name.replaceAll(/\W/g, '_');
  return /^[A-Za-z]/.test(word) ? word : `output_${place}`;
}

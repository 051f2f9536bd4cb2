import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Attribute,
  GraphBuilder,
  type Node,
  readModel,
  tensor,
  type ValueInfo,
  writeModel,
} from '@pareidolia/autodiff';
import { InputError, parseCard } from '@pareidolia/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { splitWeights } from '../../../../tests/support/networks.ts';
import { limitsOf, vetModel } from './vet-model.ts';

const value = (name: string, type: ValueInfo['type'], shape?: ValueInfo['shape']): ValueInfo => ({ name, type, shape });

/** Ten grey pixels to two classes: `scores` is what the nodes make of `rows`. */
function network(nodes: readonly Node[]): Uint8Array {
  const b = new GraphBuilder('net');
  const x = b.input('x', 'float32', ['N', 1, 8, 8]);
  b.initializer('w', tensor('float32', [64, 2], new Float32Array(128).fill(0.01)));
  b.op('MatMul', [b.op('Reshape', [x, b.ints([-1, 64])]), 'w'], {}, 'rows');
  b.output('rows');
  const { graph, ...model } = readModel(writeModel(b.build()));
  const most: Node = node('ReduceMax', ['rows'], ['most'], { keepdims: { kind: 'int', value: 0 } });
  return writeModel({
    ...model,
    graph: { ...graph, nodes: [...graph.nodes, most, ...nodes], outputs: [value('scores', 'float32', ['N', 2])] },
  });
}

function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Record<string, Attribute> = {},
): Node {
  return { name: outputs.join(), opType, inputs, outputs, attributes: new Map(Object.entries(attributes)) };
}

const constant = (name: string, one: ReturnType<typeof tensor>): Node =>
  node('Constant', [], [name], { value: { kind: 'tensor', value: one } });

/** A loop of as many rounds as the condition says, which is always true: it never ends. */
const ENDLESS = network([
  constant('yes', tensor('bool', [], Uint8Array.of(1))),
  node('Cast', ['most'], ['go'], { to: { kind: 'int', value: 9 } }),
  node('Or', ['go', 'yes'], ['always']),
  node('Loop', ['', 'always', 'rows'], ['scores'], {
    body: {
      kind: 'graph',
      value: {
        name: 'body',
        inputs: [value('i', 'int64', []), value('condition', 'bool', []), value('v', 'float32')],
        outputs: [value('same', 'bool', []), value('u', 'float32')],
        nodes: [node('Identity', ['condition'], ['same']), node('Identity', ['v'], ['u'])],
        initializers: new Map(),
      },
    },
  }),
]);

/** A branch that the image chooses divides the least whole number by -1, which traps in the processor. */
const TRAP = network([
  constant('none', tensor('float32', [], Float32Array.of(0))),
  constant('one', tensor('float32', [], Float32Array.of(1))),
  constant('least', tensor('int32', [1, 2], Int32Array.of(-(2 ** 31), -(2 ** 31)))),
  node('Greater', ['most', 'none'], ['isBright']),
  node('Mul', ['most', 'none'], ['zero']),
  node('Sub', ['zero', 'one'], ['negative']),
  node('Cast', ['negative'], ['divisor'], { to: { kind: 'int', value: 6 } }),
  node('If', ['isBright'], ['scores'], { then_branch: branch('then'), else_branch: branch('else') }),
]);

function branch(name: string): Attribute {
  const [quotient, out] = [`${name} quotient`, `${name} out`];
  return {
    kind: 'graph',
    value: {
      name,
      inputs: [],
      outputs: [value(out, 'float32')],
      nodes: [
        node('Div', ['least', 'divisor'], [quotient]),
        node('Cast', [quotient], [out], { to: { kind: 'int', value: 1 } }),
      ],
      initializers: new Map(),
    },
  };
}

const SOUND = network([node('Identity', ['rows'], ['scores'])]);

const modelOf = (bytes: Uint8Array) => ({
  path: undefined,
  name: 'strange.onnx',
  bytes,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  card: parseCard({}),
});

describe('a model in a process of its own', () => {
  let cache: string;
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'pareidolia-vetting-'));
    vi.stubEnv('XDG_CACHE_HOME', cache);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(cache, { recursive: true, force: true });
  });
  const notes = (): string[] => {
    const folder = join(cache, 'pareidolia', 'opened-models');
    return existsSync(folder) ? readdirSync(folder) : [];
  };

  it('that opens and scores is noted, and not tried again', async () => {
    await vetModel(modelOf(SOUND));
    expect(notes()).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    // No process can start and answer within that.
    await vetModel(modelOf(SOUND), { seconds: 0, bytes: 1 });
    // With another card it may run otherwise.
    const other = { ...modelOf(SOUND), card: parseCard({ range: [0, 255] }) };
    await expect(vetModel(other, { seconds: 60, bytes: 1 })).rejects.toThrow(
      'strange.onnx takes more than 0.0 GiB of memory',
    );
  });

  it('is tried with the weights that were read, where its folder is gone', async () => {
    const { model, weights } = splitWeights(SOUND, 'sound.data');
    const path = join(cache, 'fetched', 'sound.onnx');
    const read = { weights: new Map([['sound.data', 'its hash']]), externalData: () => weights };
    await vetModel({ ...modelOf(model), ...read, path });
    expect(notes()).toHaveLength(1);
  });

  it('tells nobody: ONNX Runtime keeps no identifier and no events', async () => {
    await vetModel(modelOf(SOUND));
    expect(readdirSync(cache)).toEqual(['pareidolia']);
  });

  it.each([
    [
      'that never ends',
      ENDLESS,
      { seconds: 4, bytes: 2 ** 33 },
      /^strange\.onnx takes more than 4 s to open and to score a few images: it was tried/,
    ],
    [
      'that crashes the runtime',
      TRAP,
      limitsOf(0),
      /^strange\.onnx crashes ONNX Runtime \(SIG[A-Z]+\), so it is not opened/,
    ],
    ['that is none', Uint8Array.of(1, 2, 3), limitsOf(0), /^strange\.onnx/],
  ])('%s is refused in a sentence', async (_, bytes, limits, message) => {
    const vetting = vetModel(modelOf(bytes), limits);
    await expect(vetting).rejects.toThrow(message);
    await expect(vetting).rejects.toThrow(InputError);
    expect(notes()).toEqual([]);
  });

  it('is not tried where the user trusts all models', async () => {
    vi.stubEnv('PAREIDOLIA_TRUST_MODELS', '1');
    await vetModel(modelOf(ENDLESS), { seconds: 0, bytes: 1 });
    expect(notes()).toEqual([]);
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Attribute,
  type DataType,
  type Dim,
  type Graph,
  type Node,
  readModel,
  type TensorValue,
  type ValueInfo,
  writeModel,
} from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { type ModelCardInput, parseCard } from './card.ts';
import { OnnxClassifier } from './onnx-classifier.ts';

/** 4 pixels to 3 classes. */
const WEIGHTS = [
  [0.5, -1, 0.25],
  [1, 0.75, -0.5],
  [-0.25, 0.5, 1],
  [0.125, -0.5, 2],
] as const;
/** Two images, 2 x 2, one channel. */
const PIXELS = Uint8Array.of(0, 51, 102, 255, 204, 153, 51, 0);

/** scores = values of the image x WEIGHTS. */
function linear(given: (pixel: number) => number): number[] {
  return [0, 4].flatMap((from) =>
    [0, 1, 2].map((k) => WEIGHTS.reduce((sum, row, i) => sum + given(PIXELS[from + i]!) * row[k]!, 0)),
  );
}
const fraction = (pixel: number): number => pixel / 255;

const float = (dims: readonly number[], values: readonly number[]): TensorValue => ({
  type: 'float32',
  dims,
  data: Float32Array.from(values),
});
const ints = (...values: readonly number[]): TensorValue => ({
  type: 'int64',
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

let count = 0;
const node = (
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
): Node => ({ name: `${opType}_${count++}`, opType, inputs, outputs, attributes: new Map(Object.entries(attributes)) });
const int = (value: number): Attribute => ({ kind: 'int', value });
const value = (name: string, type: DataType, shape: readonly Dim[] | undefined): ValueInfo => ({ name, type, shape });

/** A network of any input whose values become rows of 4. */
function network(
  input: ValueInfo,
  nodes: readonly Node[],
  {
    opset = 17,
    inputs = [] as readonly ValueInfo[],
    outputs = [value('scores', 'float32', undefined)] as readonly ValueInfo[],
    constants = {} as Readonly<Record<string, TensorValue>>,
  } = {},
): Uint8Array {
  const graph: Graph = {
    name: 'network',
    inputs: [input, ...inputs],
    outputs,
    nodes,
    initializers: new Map([['W', float([4, 3], WEIGHTS.flat())], ['rows', ints(-1, 4)], ...Object.entries(constants)]),
  };
  return writeModel({ opset, producer: '', graph });
}
const toRows = (from: string, to = 'scores'): Node[] => [
  node('Reshape', [from, 'rows'], ['flat']),
  node('MatMul', ['flat', 'W'], [to]),
];

async function scoresOf(bytes: Uint8Array, card: ModelCardInput = {}) {
  const where = 'net.onnx';
  const classifier = await OnnxClassifier.load(bytes, {
    card: parseCard(card),
    runtime: nodeRuntime(),
    device: 'cpu',
    threads: 1,
    where,
  });
  const images = { ...classifier.shape, count: 2 };
  const { data } = await classifier.logits({ ...images, data: PIXELS });
  const floats = { ...images, data: Float32Array.from(PIXELS, fraction) };
  const ofFloats = await classifier.logits(floats);
  const gradient = (): Promise<number[]> =>
    classifier
      .gradient(floats, { kind: 'linear', weights: Float32Array.of(1, 0, 0, 0, 0, 1) })
      .then((result) => [...result.gradient]);
  return { classifier, scores: [...data], ofFloats: [...ofFloats.data], gradient };
}

function expectClose(values: readonly number[], expected: readonly number[]): void {
  expect(values).toHaveLength(expected.length);
  values.forEach((own, i) => {
    expect(own).toBeCloseTo(expected[i]!, 4);
  });
}

/** Of class 0 for the first image, class 2 for the second. */
const GRADIENT = [...WEIGHTS.map(([own]) => own), ...WEIGHTS.map(([, , own]) => own)];

describe('an input of another rank', () => {
  it.each<[string, readonly Dim[] | undefined, ModelCardInput]>([
    ['N x pixels', ['N', 4], { height: 2, width: 2 }],
    ['1 x pixels', [1, 4], { height: 2, width: 2 }],
    ['pixels', [4], { height: 2, width: 2 }],
    ['N x height x width', ['N', 2, 2], {}],
    ['N x 1 x pixels', ['N', 1, 4], { height: 2, width: 2 }],
    ['N x pixels x 1', ['N', 4, 1], { height: 2, width: 2 }],
    ['unknown', undefined, { color: 'grey', height: 2, width: 2 }],
  ])('%s', async (_, shape, card) => {
    const { scores, ofFloats, gradient } = await scoresOf(network(value('x', 'float32', shape), toRows('x')), card);
    expectClose(scores, linear(fraction));
    expectClose(ofFloats, linear(fraction));
    expectClose(await gradient(), GRADIENT);
  });

  it('unknown, where only flat images fit', async () => {
    const bytes = network(value('x', 'float32', undefined), [node('MatMul', ['x', 'W'], ['scores'])]);
    expectClose((await scoresOf(bytes, { color: 'grey', height: 2, width: 2 })).scores, linear(fraction));
    await expect(scoresOf(bytes)).rejects.toThrow('give the card the fields color, height and width');
  });
});

describe('an input of another type', () => {
  it.each<[DataType, ModelCardInput, (pixel: number) => number, number]>([
    ['uint8', {}, (pixel) => pixel, 255],
    ['uint8', { range: [0, 255] }, (pixel) => pixel, 255],
    ['int32', {}, (pixel) => pixel, 255],
    ['int64', {}, (pixel) => pixel, 255],
    ['int8', {}, (pixel) => pixel - 128, 255],
    ['int8', { range: [0, 127] }, (pixel) => Math.round((pixel / 255) * 127), 127],
    ['uint8', { range: [0, 510] }, (pixel) => Math.min(255, 2 * pixel), 510],
    ['float16', {}, fraction, 1],
    ['float64', {}, fraction, 1],
  ])('%s with the card %j', async (type, card, given, slope) => {
    const nodes = [node('Cast', ['x'], ['y'], { to: int(1) }), ...toRows('y')];
    const { scores, gradient, classifier } = await scoresOf(network(value('x', type, ['N', 1, 2, 2]), nodes), card);
    const expected = linear(given);
    scores.forEach((own, i) => {
      expect(Math.abs(own - expected[i]!)).toBeLessThan(1e-3 * slope);
    });
    expectClose(
      await gradient(),
      GRADIENT.map((own) => own * slope),
    );
    expect(classifier.gradientKind).toBe(type.startsWith('float') ? 'exact' : 'straight-through');
  });

  it('has no gradient where whole numbers are used as such, and scores all the same', async () => {
    const nodes = [node('Mul', ['x', 'two'], ['z']), node('Cast', ['z'], ['y'], { to: int(1) }), ...toRows('y')];
    const two: TensorValue = { type: 'int32', dims: [], data: Int32Array.of(2) };
    const bytes = network(value('x', 'int32', ['N', 1, 2, 2]), nodes, { constants: { two } });
    const { scores, gradient, classifier } = await scoresOf(bytes);
    expectClose(
      scores,
      linear((pixel) => 2 * pixel),
    );
    await expect(gradient()).rejects.toThrow(/Mul \(node Mul_\d+: takes the image as int32\)/);
    expect(classifier.gradientBlockers().map(({ opType }) => opType)).toEqual(['Mul']);
  });

  it('that holds no pixels is refused', async () => {
    const bytes = network(value('x', 'bool', ['N', 1, 2, 2]), [
      node('Cast', ['x'], ['y'], { to: int(1) }),
      ...toRows('y'),
    ]);
    await expect(scoresOf(bytes)).rejects.toThrow('input x is of bool');
  });
});

describe('further inputs', () => {
  const image = value('x', 'float32', ['N', 1, 2, 2]);
  const scaled = [node('Mul', ['x', 'factor'], ['y']), ...toRows('y')];

  it('that no score needs are dropped', async () => {
    const inputs = [value('mode', 'bool', []), value('text', 'int64', ['N', 'length'])];
    expectClose((await scoresOf(network(image, toRows('x'), { inputs }))).scores, linear(fraction));
  });

  it('are what the card says, before the image and behind it', async () => {
    const card = { inputs: { factor: 3 } };
    const behind = network(image, scaled, { inputs: [value('factor', 'float32', [])] });
    expectClose(
      (await scoresOf(behind, card)).scores,
      linear((pixel) => (3 * pixel) / 255),
    );
    const before = network(value('factor', 'float32', ['k']), scaled, { inputs: [image] });
    expectClose(
      (await scoresOf(before, card)).scores,
      linear((pixel) => (3 * pixel) / 255),
    );
  });

  it('are repeated for each image where they have a row for each', async () => {
    const nodes = [...toRows('x', 's'), node('Concat', ['s', 'age'], ['scores'], { axis: int(1) })];
    const bytes = network(image, nodes, { inputs: [value('age', 'float32', ['N', 2])] });
    const [a, b, c, d, e, f] = linear(fraction);
    expectClose((await scoresOfFive(bytes)).slice(0, 10), [a!, b!, c!, 7, -2, d!, e!, f!, 7, -2]);
  });

  async function scoresOfFive(bytes: Uint8Array): Promise<number[]> {
    const classifier = await OnnxClassifier.load(bytes, {
      card: parseCard({ inputs: { age: [7, -2] } }),
      runtime: nodeRuntime(),
      device: 'cpu',
      where: 'net.onnx',
    });
    return [...(await classifier.logits({ ...classifier.shape, count: 2, data: PIXELS })).data];
  }

  it.each<[string, ModelCardInput]>([
    ['give the card a field inputs', {}],
    ['has no input fctor', { inputs: { fctor: 1 } }],
    ['gives 2 numbers for input factor', { inputs: { factor: [1, 2] } }],
  ])('are refused in a sentence: %s', async (message, card) => {
    const bytes = network(image, scaled, { inputs: [value('factor', 'float32', [])] });
    await expect(scoresOf(bytes, card)).rejects.toThrow(message);
    await expect(scoresOf(bytes, card)).rejects.toThrow(InputError);
  });
});

describe('further outputs', () => {
  const image = value('x', 'float32', ['N', 1, 2, 2]);
  const scores = value('scores', 'float32', ['N', 3]);

  it.each<[string, Node, ValueInfo]>([
    ['the class', node('ArgMax', ['scores'], ['o'], { axis: int(1) }), value('o', 'int64', ['N', 1])],
    ['a map', node('Identity', ['x'], ['o']), value('o', 'float32', ['N', 1, 2, 2])],
    [
      'one number',
      node('ReduceMax', ['scores'], ['o'], { axes: { kind: 'ints', value: [1] } }),
      value('o', 'float32', ['N', 1]),
    ],
    ['of an operator that is not known', node('com.example.Name', ['scores'], ['o']), value('o', 'int64', ['N'])],
  ])('%s: are dropped', async (_, further, output) => {
    const bytes = network(image, [...toRows('x'), further], { outputs: [output, scores] });
    expectClose((await scoresOf(bytes)).scores, linear(fraction));
  });

  it('are told from scores by the number of classes of the card', async () => {
    const bytes = network(image, [...toRows('x'), node('Identity', ['flat'], ['f'])], {
      outputs: [value('f', 'float32', ['N', 4]), scores],
    });
    expectClose((await scoresOf(bytes, { classNames: ['a', 'b', 'c'] })).scores, linear(fraction));
    await expect(scoresOf(bytes)).rejects.toThrow("say in the card's field outputName which one scores");
  });
});

describe('outputs that are decisions', () => {
  const image = value('x', 'float32', ['N', 1, 2, 2]);
  const labels = value('label', 'int64', undefined);
  const argMax = node('ArgMax', ['s'], ['label'], { axis: int(1), keepdims: int(0) });

  async function expectScores(bytes: Uint8Array, card: ModelCardInput = {}): Promise<OnnxClassifier> {
    const { classifier, scores, gradient } = await scoresOf(bytes, card);
    expectClose(scores, linear(fraction));
    expectClose(await gradient(), GRADIENT);
    return classifier;
  }

  it('the label alone', async () => {
    const { notices } = await expectScores(network(image, [...toRows('x', 's'), argMax], { outputs: [labels] }));
    expect(notices).toEqual([
      'net.onnx puts out decisions alone (label, by ArgMax), so s, of which they are taken, is read as its scores',
    ]);
  });

  it('the label and its score', async () => {
    const nodes = [...toRows('x', 's'), argMax, node('ReduceMax', ['s', 'last'], ['best'], { keepdims: int(0) })];
    const outputs = [labels, value('best', 'float32', ['N'])];
    const bytes = network(image, nodes, { opset: 18, outputs, constants: { last: ints(1) } });
    expect((await expectScores(bytes)).notices[0]).toContain('(label, best, by ArgMax)');
  });

  it('the best two with their scores, which are not scores of two classes', async () => {
    const nodes = [...toRows('x', 's'), node('TopK', ['s', 'two'], ['values', 'label'])];
    const outputs = [value('values', 'float32', ['N', 2]), value('label', 'int64', ['N', 2])];
    const bytes = network(image, nodes, { outputs, constants: { two: ints(2) } });
    expect((await expectScores(bytes)).numClasses).toBe(3);
    expect((await expectScores(bytes, { outputName: 'label' })).numClasses).toBe(3);
  });

  it('but not the label beside scores', async () => {
    const outputs = [labels, value('s', 'float32', undefined)];
    expect((await expectScores(network(image, [...toRows('x', 's'), argMax], { outputs }))).notices).toEqual([]);
  });

  it('nor a maximum over places, which is one number for each class', async () => {
    const nodes = [
      ...toRows('x', 's'),
      node('Unsqueeze', ['s', 'two'], ['places']),
      node('ReduceMax', ['places', 'two'], ['scores'], { keepdims: int(0) }),
    ];
    expect((await expectScores(network(image, nodes, { opset: 18, constants: { two: ints(2) } }))).notices).toEqual([]);
  });
});

describe('operators that only the runtime knows', () => {
  const image = value('x', 'float32', ['N', 1, 2, 2]);
  const rows = toRows('x', 's');

  // ONNX Runtime's ContribOperators.md: Inverse of the matrices in the last two axes; that of the identity times 2 is times 0.5.
  const inverse = [node('com.microsoft.Inverse', ['twice'], ['half']), node('MatMul', ['s', 'half'], ['halved'])];
  const constants = { twice: float([3, 3], [2, 0, 0, 0, 2, 0, 0, 0, 2]) };
  const halved = linear(fraction).map((own) => own / 2);

  it.each([
    ['logits', 'Identity', halved],
    ['sigmoids', 'Sigmoid', halved],
    // Of the logarithms of probabilities, the softmax is the same.
    ['probabilities', 'Softmax', halved],
  ] as const)('score without gradient: %s', async (kind, opType, expected) => {
    const nodes = [...rows, ...inverse, node(opType, ['halved'], ['scores'])];
    const { classifier, scores, ofFloats, gradient } = await scoresOf(network(image, nodes, { constants }));
    expect(classifier.reading.kind).toBe(kind);
    const shift = (row: number): number =>
      kind === 'probabilities' ? Math.log([0, 1, 2].reduce((sum, k) => sum + Math.exp(expected[3 * row + k]!), 0)) : 0;
    const shifted = expected.map((own, i) => own - shift(Math.floor(i / 3)));
    expectClose(scores, shifted);
    expectClose(ofFloats, shifted);
    expect(classifier.notices[0]).toMatch(
      /has no gradient, since com\.microsoft\.Inverse \(node .*\) is no standard operator/,
    );
    await expect(gradient()).rejects.toThrow('No gradient flows through com.microsoft.Inverse');
  });

  it('one sigmoid of two classes', async () => {
    const nodes = [...rows, ...inverse, node('MatMul', ['halved', 'first'], ['z']), node('Sigmoid', ['z'], ['scores'])];
    const bytes = network(image, nodes, { constants: { ...constants, first: float([3, 1], [1, 0, 0]) } });
    const { classifier } = await scoresOf(bytes);
    const { data } = await classifier.predict({ ...classifier.shape, count: 2, data: PIXELS });
    const p = [halved[0]!, halved[3]!].map((z) => 1 / (1 + Math.exp(-z)));
    expectClose([...data], [1 - p[0]!, p[0]!, 1 - p[1]!, p[1]!]);
  });

  it('are refused in one sentence where they give one number that is no sigmoid', async () => {
    const nodes = [...rows, ...inverse, node('MatMul', ['halved', 'first'], ['scores'])];
    const bytes = network(image, nodes, { constants: { ...constants, first: float([3, 1], [1, 0, 0]) } });
    await expect(scoresOf(bytes)).rejects.toThrow(
      /^net\.onnx: output scores is one number for each image, and no sigmoid/,
    );
  });

  it('are refused in one sentence where the runtime does not know them, either', async () => {
    const nodes = [...rows, node('com.microsoft.NoSuchThing', ['s'], ['scores'])];
    await expect(scoresOf(network(image, nodes))).rejects.toThrow(
      /^net\.onnx: The model has operators that are not standard ONNX: com\.microsoft\.NoSuchThing/,
    );
  });
});

describe('control flow that depends on the image', () => {
  const image = value('x', 'float32', ['N', 1, 2, 2]);
  const branch = (opType: string): Attribute => ({
    kind: 'graph',
    value: {
      name: opType,
      inputs: [],
      outputs: [value(`${opType}_out`, 'float32', undefined)],
      nodes: [node(opType, ['s'], [`${opType}_out`])],
      initializers: new Map(),
    },
  });
  async function expectScoresAlone(bytes: Uint8Array, opType: string, expected: readonly number[]): Promise<void> {
    const { classifier, scores, ofFloats, gradient } = await scoresOf(bytes);
    expectClose(scores, expected);
    expectClose(ofFloats, expected);
    expect(classifier.notices[0]).toMatch(new RegExp(`has no gradient, since ${opType} `));
    expect(classifier.gradientBlockers().map((blocker) => blocker.opType)).toEqual([opType]);
    await expect(gradient()).rejects.toThrow(`No gradient flows through ${opType}`);
    await expect(gradient()).rejects.toThrow(InputError);
    const { data } = await classifier.predict({ ...classifier.shape, count: 2, data: PIXELS });
    const exps = expected.slice(0, 3).map(Math.exp);
    expectClose(
      [...data.subarray(0, 3)],
      exps.map((own) => own / exps.reduce((sum, other) => sum + other)),
    );
    await classifier.dispose();
  }

  it('If: the lower right pixel decides', async () => {
    const nodes = [
      ...toRows('x', 's'),
      node('Gather', ['flat', 'three'], ['pixels'], { axis: int(1) }),
      node('ReduceMax', ['pixels'], ['most'], { keepdims: int(0) }),
      node('Greater', ['most', 'half'], ['isBright']),
      node('If', ['isBright'], ['scores'], { then_branch: branch('Neg'), else_branch: branch('Identity') }),
    ];
    const constants = { three: ints(3), half: float([], [0.5]) };
    // It is white in the first image, black in the second.
    const expected = linear(fraction).map((own, i) => (i < 3 ? -own : own));
    await expectScoresAlone(network(image, nodes, { constants }), 'If', expected);
  });

  it('Loop: the lower right pixel counts', async () => {
    const body: Attribute = {
      kind: 'graph',
      value: {
        name: 'body',
        inputs: [value('i', 'int64', []), value('go', 'bool', []), value('v', 'float32', undefined)],
        outputs: [value('goes', 'bool', []), value('w', 'float32', undefined)],
        nodes: [node('Identity', ['go'], ['goes']), node('Add', ['v', 'one'], ['w'])],
        initializers: new Map(),
      },
    };
    const nodes = [
      ...toRows('x', 's'),
      node('Gather', ['flat', 'three'], ['pixels'], { axis: int(1) }),
      node('ReduceMax', ['pixels'], ['most'], { keepdims: int(0) }),
      node('Mul', ['most', 'five'], ['times']),
      node('Cast', ['times'], ['trips'], { to: int(7) }),
      node('Loop', ['trips', 'yes', 's'], ['scores'], { body }),
    ];
    const yes: TensorValue = { type: 'bool', dims: [], data: Uint8Array.of(1) };
    const constants = { three: ints(3), five: float([], [5]), one: float([], [1]), yes };
    const expected = linear(fraction).map((own, i) => (i < 3 ? own + 5 : own));
    await expectScoresAlone(network(image, nodes, { constants }), 'Loop', expected);
  });
});

describe('a number of images that only the nodes say', () => {
  const image = value('x', 'float32', ['N', 1, 2, 2]);

  it.each([
    ['1 in a Reshape', 1],
    ['4 in a Reshape', 4],
  ])('%s', async (_, batch) => {
    const bytes = network(image, toRows('x'), { constants: { rows: ints(batch, 4) } });
    const { classifier, scores, gradient } = await scoresOf(bytes);
    expectClose(scores, linear(fraction));
    expectClose(await gradient(), GRADIENT);
    expect(classifier.notices[0]).toContain('that number is written into the network');
  });

  it('1 in a constant that is joined to the images', async () => {
    const nodes = [
      ...toRows('x', 's'),
      node('Concat', ['s', 'token'], ['more'], { axis: int(1) }),
      node('Slice', ['more', 'zero', 'three', 'axis'], ['scores']),
    ];
    const constants = { token: float([1, 2], [0, 0]), zero: ints(0), three: ints(3), axis: ints(1) };
    const { scores, classifier } = await scoresOf(network(image, nodes, { constants }));
    expectClose(scores, linear(fraction));
    expect(classifier.notices[0]).toContain('one image at a time');
  });

  it('is told in a sentence of ONNX Runtime where no number works', async () => {
    const nodes = [
      node('Reshape', ['x', 'rows'], ['flat']),
      node('Gather', ['flat', 'beyond'], ['g'], { axis: int(1) }),
      node('Reshape', ['g', 'rows'], ['h']),
      node('MatMul', ['h', 'W'], ['scores']),
    ];
    const pixel = [
      node('Cast', ['x'], ['whole'], { to: int(7) }),
      node('ReduceMax', ['whole'], ['m'], { keepdims: int(0) }),
      node('Add', ['m', 'far'], ['beyond']),
    ];
    const far: TensorValue = { type: 'int64', dims: [4], data: BigInt64Array.from([9, 9, 9, 9], BigInt) };
    const loading = scoresOf(network(image, [...pixel, ...nodes], { constants: { far } }));
    await expect(loading).rejects.toThrow(InputError);
    await expect(loading).rejects.toThrow(/^net\.onnx: ONNX Runtime cannot run this model: ".*Gather.*"$/);
  });
});

const folder = join(
  process.env.PAREIDOLIA_DATA ?? join(process.cwd(), '..', 'shared', 'data'),
  '..',
  'cases',
  'models',
);

describe.skipIf(!existsSync(folder))('models of shared/cases', () => {
  it.each([
    'crash-fixed-batch-4',
    'crash-open-batch-baked-1',
    'refused-custom-vision-signature',
    'refused-flat',
    'refused-loop',
    'refused-no-input-shape',
    'refused-qdq-input',
    'refused-uint8-input',
    'refused-unused-sequence-output',
    'refused-weight-only-int8',
  ])('%s', async (name) => {
    const card = join(folder, `${name}.card.json`);
    const classifier = await OnnxClassifier.load(readFileSync(join(folder, `${name}.onnx`)), {
      card: parseCard(existsSync(card) ? JSON.parse(readFileSync(card, 'utf8')) : {}),
      runtime: nodeRuntime(),
      device: 'cpu',
      threads: 1,
      where: name,
    });
    const data = Uint8Array.from({ length: 6 * 144 }, (_, i) => (i * 7919) % 256);
    const own = await classifier.logits({ channels: 1, height: 12, width: 12, count: 6, data });
    // All of them are one matrix, 144 pixels to 12 classes.
    const matrix = readModel(readFileSync(join(folder, 'refused-flat.onnx'))).graph.initializers.get('W')!.data;
    const expected = Array.from({ length: 6 * 12 }, (_, i) => {
      const [row, k] = [Math.floor(i / 12), i % 12];
      return Array.from({ length: 144 }, (_, j) => (data[row * 144 + j]! / 255) * Number(matrix[j * 12 + k])).reduce(
        (sum, product) => sum + product,
      );
    });
    const largest = Math.max(...expected.map(Math.abs));
    own.data.forEach((score, i) => {
      expect(Math.abs(score - expected[i]!)).toBeLessThan(0.01 * largest);
    });
  });
});

import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GRADIENT_RULES } from '../gradients/rules.ts';
import type { Attribute, Model } from '../model/model.ts';
import { writeModel } from '../model/write.ts';
import { SHAPE_RULES } from '../shapes/rules.ts';
import { FUSED_UPGRADES } from '../upgrades/fused.ts';
import { NEWEST_OPSET } from './standard.ts';
import { COMPOSITES } from './table/composites.ts';
import { CONTRIB } from './table/contrib.ts';
import { ELEMENTWISE } from './table/elementwise.ts';
import { LAYERS } from './table/layers.ts';
import { MOVEMENT } from './table/movement.ts';
import type { AttributeKind } from './table/operator.ts';
import { OTHERS } from './table/others.ts';
import { attributeKinds, OPERATORS } from './table.ts';

const VALUES: Partial<Record<AttributeKind, Attribute>> = {
  type: { kind: 'int', value: 1 },
  int: { kind: 'int', value: 1 },
  float: { kind: 'float', value: 1 },
  string: { kind: 'string', value: 'a' },
  tensor: { kind: 'tensor', value: { type: 'float32', dims: [1], data: Float32Array.of(1) } },
  ints: { kind: 'ints', value: [1] },
  floats: { kind: 'floats', value: [1] },
  strings: { kind: 'strings', value: ['a'] },
};

/** How many inputs and outputs a node has. */
interface Arity {
  readonly inputs: number;
  readonly outputs: number;
}

/** A model of one node; its inputs do not fit, so that ONNX Runtime refuses it, for one reason or another. */
function model(
  opType: string,
  opset: number,
  attributes: Readonly<Record<string, Attribute>>,
  { inputs, outputs }: Arity,
): Model {
  const names = Array.from({ length: inputs }, (_, index) => `x${index}`);
  const results = Array.from({ length: outputs }, (_, index) => `y${index}`);
  const node = { name: 'n', opType, inputs: names, outputs: results, attributes: new Map(Object.entries(attributes)) };
  return {
    opset,
    producer: 'test',
    graph: {
      name: 'one',
      inputs: names.map((name) => ({ name, type: 'float32', shape: [1] })),
      outputs: [{ name: results[0]!, type: 'float32', shape: undefined }],
      nodes: [node],
      initializers: new Map(),
    },
  };
}

/** What ONNX Runtime says of a node with these attributes, and as many inputs and outputs as its operator needs. */
async function saidOf(
  opType: string,
  opset: number,
  attributes: Readonly<Record<string, Attribute>> = {},
  arity: Arity = { inputs: 1, outputs: 1 },
): Promise<string> {
  try {
    const bytes = writeModel(model(opType, opset, attributes, arity));
    await (await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 })).release();
    return '';
  } catch (error) {
    const said = String(error);
    const [, what, least] = /has (input|output) size \d+ not in range \[min=(\d+)/.exec(said) ?? [];
    return what === undefined ? said : saidOf(opType, opset, attributes, { ...arity, [`${what}s`]: Number(least) });
  }
}

const KIND = /[Mm]ismatched attribute type/;
const NAME = /Unrecognized attribute/;

/** An opset from 18 on that has the operator. */
const opsetOf = (opType: string): number => Math.max(18, OPERATORS.get(opType)!.since);
const current = [...OPERATORS.keys()].filter((opType) => {
  const { until, composite } = OPERATORS.get(opType)!;
  return until === undefined && composite === undefined;
});
const standard = current.filter((opType) => !(opType in CONTRIB));
/** Operators with attributes; ONNX Runtime turns a Constant into an initializer before it checks those. */
const withAttributes = current.filter(
  (opType) => OPERATORS.get(opType)!.graph === undefined && attributeKinds(opType)!.size > 0 && opType !== 'Constant',
);

describe('the table of operators', () => {
  it('has each operator once', () => {
    const lists = [ELEMENTWISE, LAYERS, MOVEMENT, OTHERS, CONTRIB, COMPOSITES];
    expect(OPERATORS.size).toBe(lists.reduce((sum, list) => sum + Object.keys(list).length, 0));
  });

  it('has every operator that a rule is for', () => {
    const ruled = [GRADIENT_RULES, SHAPE_RULES, FUSED_UPGRADES].flatMap((rules) => Object.keys(rules));
    expect(ruled.filter((opType) => !OPERATORS.has(opType))).toEqual([]);
  });

  it('has no contrib operator that can neither be split nor is quantized', () => {
    const lost = Object.keys(CONTRIB).filter((opType) => !(opType in FUSED_UPGRADES) && !CONTRIB[opType]!.quantized);
    expect(lost).toEqual([]);
  });

  it('has the opset of ONNX that introduced an operator: ONNX Runtime knows it from there on', async () => {
    const none = /is not a registered function\/op|No Op registered for/;
    // ONNX Runtime has had these in the domain of ONNX before they were in the standard.
    const early = ['LayerNormalization', 'MeanVarianceNormalization', 'ThresholdedRelu'];
    for (const opType of standard) {
      const { since } = OPERATORS.get(opType)!;
      expect(await saidOf(opType, Math.max(7, since)), opType).not.toMatch(none);
      if (since <= 7 || early.includes(opType)) continue;
      expect(await saidOf(opType, since - 1), `${opType} before`).toMatch(none);
    }
  });

  it('has the last opset of operators that were dropped, and their attributes', async () => {
    const dropped = [...OPERATORS].flatMap(([opType, { until }]) => (until === undefined ? [] : [{ opType, until }]));
    expect(dropped.map(({ opType }) => opType)).toEqual(['Scatter', 'Upsample']);
    for (const { opType, until } of dropped) {
      expect(await saidOf(opType, until), opType).not.toMatch(/deprecated/);
      expect(await saidOf(opType, until + 1), opType).toMatch(/deprecated/);
    }
  });

  const older = current.filter((opType) => OPERATORS.get(opType)!.before18 !== undefined && opType !== 'Scan');

  it.each(older)('%s had attributes that became inputs, or were dropped', async (opType) => {
    const now = attributeKinds(opType)!;
    for (const [name, kind] of attributeKinds(opType, 7)!) {
      if (now.has(name)) continue;
      const said = await Promise.all([7, 9, 12].map((opset) => saidOf(opType, opset, { [name]: VALUES[kind]! })));
      const known = said.filter((text) => !NAME.test(text));
      expect(known, name).not.toEqual([]);
      for (const text of known) expect(text, name).not.toMatch(KIND);
      expect(await saidOf(opType, 18, { [name]: VALUES[kind]! }), name).toMatch(NAME);
    }
  });

  it.each(withAttributes)('%s has attributes of the kinds that ONNX Runtime expects', async (opType) => {
    for (const [name, kind] of attributeKinds(opType)!) {
      const opsets = [...new Set([opsetOf(opType), 19, 21, 23, NEWEST_OPSET])].filter(
        (opset) => opset >= opsetOf(opType),
      );
      const said = await Promise.all(opsets.map((opset) => saidOf(opType, opset, { [name]: VALUES[kind]! })));
      // An attribute may be newer than its operator, or older than the newest opset.
      const known = said.filter((text) => !NAME.test(text));
      expect(known, `${name}: ${said[0]}`).not.toEqual([]);
      for (const text of known) expect(text, name).not.toMatch(KIND);
      const wrong = kind === 'float' ? VALUES.int! : VALUES.float!;
      const refused = await Promise.all(opsets.map((opset) => saidOf(opType, opset, { [name]: wrong })));
      expect(
        refused.some((text) => KIND.test(text)),
        `${name} of another kind: ${refused[0]}`,
      ).toBe(true);
    }
  });
});

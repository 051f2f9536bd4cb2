/** @file Any HTTP service, as the card's field `endpoint` describes it. */

import { InputError } from '../../errors.ts';
import { type FloatImages, type Images, imageSize, sliceImages } from '../../image/images.ts';
import { planInput } from '../input.ts';
import { type EndpointAdapter, isRepeated, PLACEHOLDERS, placeholderIn } from './adapter.ts';
import type { RemoteAnswer } from './exchange.ts';
import { isRecord, kindOf, nested } from './json.ts';
import { imageDims, modelInput } from './numbers.ts';
import { valueAt } from './path.ts';
import type { Dialogue, RemoteProtocol } from './protocol.ts';

export const httpEndpoint: RemoteProtocol = {
  name: 'HTTP, by the card',
  speaks: (_, card) => card.endpoint !== undefined,
  async open({ url, where, card, host }) {
    const adapter = withVariables(card.endpoint!, (text) => host.expand(text));
    const plan = planInput('image', undefined, card, where);
    const sendsNumbers = holds(adapter.json, PLACEHOLDERS.numbers);
    const fixed = { method: adapter.method ?? 'POST', url, headers: adapter.headers ?? {} };
    const dialogue: Dialogue = {
      plan,
      sends: sendsNumbers ? 'floats' : 'bytes',
      most: adapter.batch,
      metadata: null,
      output: adapter.scores ?? adapter.label!,
      async request(images) {
        if (sendsNumbers) {
          const rows = nested(modelInput(images as FloatImages, plan), [images.count, ...imageDims(plan)]) as unknown[];
          return { ...fixed, body: { kind: 'json', text: JSON.stringify(filled(adapter.json, rows)) } };
        }
        const pngs = await Promise.all(each(images as Images, (pixels) => host.png(pixels, plan.shape)));
        const [png] = pngs;
        if (adapter.png === true) return { ...fixed, body: { kind: 'png', png: png! } };
        if (adapter.multipart !== undefined) {
          const { file, fields = {} } = adapter.multipart;
          const texts = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
          return { ...fixed, body: { kind: 'form', fields: texts, file, png: png! } };
        }
        const prefix = holds(adapter.json, PLACEHOLDERS.dataUrl) ? 'data:image/png;base64,' : '';
        const texts = pngs.map((bytes) => `${prefix}${base64(bytes)}`);
        return { ...fixed, body: { kind: 'json', text: JSON.stringify(filled(adapter.json, texts)) } };
      },
      read(json, count) {
        const answers = adapter.each === undefined ? [json] : valueAt(json, adapter.each);
        if (!Array.isArray(answers) || answers.length !== count) {
          throw new InputError(
            `${where} gives ${kindOf(answers)} at ${adapter.each} for ${count} images; mend the card's field endpoint.each`,
          );
        }
        return answers.map((answer) => answerIn(answer, adapter, where));
      },
    };
    return dialogue;
  },
};

/** The adapter with the values of variables in what is sent. */
function withVariables(adapter: EndpointAdapter, expand: (text: string) => string): EndpointAdapter {
  const open = (part: unknown): unknown => {
    if (typeof part === 'string') return expand(part);
    if (Array.isArray(part)) return part.map(open);
    if (!isRecord(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, open(value)]));
  };
  const { headers, json, multipart } = adapter;
  // Texts become texts, so the types stay.
  return { ...adapter, ...(open({ headers, json, multipart }) as Partial<EndpointAdapter>) };
}

function answerIn(answer: unknown, adapter: EndpointAdapter, where: string): RemoteAnswer {
  const { scores, names, label, flagged } = adapter;
  const told = flagged === undefined ? undefined : valueAt(answer, flagged.path);
  const isFlagged = flagged !== undefined && (flagged.value === undefined ? isSaid(told) : told === flagged.value);
  const mark = isFlagged ? ({ flagged: true } as const) : {};
  const path = scores ?? label!;
  const value = valueAt(answer, path);
  if (value === undefined && isFlagged) return mark;
  const wrong = (what: string, field: string): never => {
    throw new InputError(`${where} gives ${what} at ${path}; mend the card's field endpoint.${field}`);
  };
  if (label !== undefined) {
    if (typeof value !== 'string' && !Number.isInteger(value)) return wrong(kindOf(value), 'label');
    return { label: value as string | number, ...mark };
  }
  if (isRecord(value) && names === undefined) {
    const numbers = Object.values(value).map((score) => number(score) ?? wrong(kindOf(score), 'scores'));
    return { scores: numbers, names: Object.keys(value), ...mark };
  }
  if (!Array.isArray(value) || value.length === 0) return wrong(kindOf(value), 'scores');
  const numbers = value.map((score) => number(score) ?? wrong(`${kindOf(score)} among the scores`, 'scores'));
  if (names === undefined) return { scores: numbers, ...mark };
  const own = valueAt(answer, names);
  if (!Array.isArray(own) || own.length !== numbers.length || !own.every((name) => typeof name === 'string')) {
    throw new InputError(
      `${where} gives ${kindOf(own)} at ${names} for ${numbers.length} scores; mend the card's field endpoint.names`,
    );
  }
  return { scores: numbers, names: own as string[], ...mark };
}

/** A finite number, written as one or as text. */
function number(value: unknown): number | undefined {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined;
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
}

/** Whether a template has a certain placeholder. */
function holds(template: unknown, placeholder: string): boolean {
  if (template === placeholder) return true;
  return (
    typeof template === 'object' &&
    template !== null &&
    Object.values(template).some((part) => holds(part, placeholder))
  );
}

/** A template with images in it; an array whose only element holds the placeholder is repeated for each of them. */
function filled(template: unknown, images: readonly unknown[]): unknown {
  if (placeholderIn(template) !== undefined) return images[0];
  if (isRepeated(template)) return images.map((image) => filled(template[0], [image]));
  if (Array.isArray(template)) return template.map((part) => filled(part, images));
  if (!isRecord(template)) return template;
  return Object.fromEntries(Object.entries(template).map(([name, part]) => [name, filled(part, images)]));
}

function each<T>(images: Images, action: (pixels: Uint8Array) => T): T[] {
  const size = imageSize(images);
  return Array.from({ length: images.count }, (_, row) =>
    action(sliceImages(images, row, row + 1).data.subarray(0, size)),
  );
}

// Node and browsers share it; the core is compiled without the libraries of either.
declare const btoa: (binary: string) => string;

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += 8192)
    text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  return btoa(text);
}

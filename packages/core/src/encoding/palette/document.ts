/** @file A genome with a palette as a document that people can read and edit: the file beside an image. */

import { z } from 'zod';
import { InputError } from '../../errors.ts';
import { wrongField } from '../../settings/wrong-field.ts';
import { type CppnDocument, fromCppnDocument, toCppnDocument } from '../cppn/document.ts';
import { type PaletteGenome, paletteGenome } from './genome.ts';

const schema = z.strictObject({
  format: z.literal('pareidolia-palette'),
  version: z.literal(1),
  /** From that of the lowest output of the network to that of the highest; `#rrggbb`, with three equal parts where the image is grey. */
  colors: z.array(z.string().regex(/^#[0-9a-f]{6}$/)).min(1),
  /** A network as CPPNs have it, with the output `grey`. */
  network: z.unknown(),
});

/** A palette and the network that chooses from it, as JSON. */
export interface PaletteDocument extends Omit<z.infer<typeof schema>, 'network'> {
  readonly network: CppnDocument;
}

/**
 * A genome as plain JSON.
 *
 * @param channels of the image
 */
export function toPaletteDocument({ network, colors }: PaletteGenome, channels: 1 | 3): PaletteDocument {
  return {
    format: 'pareidolia-palette',
    version: 1,
    colors: Array.from({ length: colors.length / channels }, (_, color) => {
      const parts = [0, 1, 2].map((part) => colors[color * channels + Math.min(part, channels - 1)]!);
      return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
    }),
    network: toCppnDocument(network),
  };
}

/**
 * The counterpart of {@link toPaletteDocument}.
 *
 * @param value what the JSON file holds
 * @param channels of the image: of a grey one the first part of each color counts
 * @param where its name, for the error
 * @throws InputError that names the field
 */
export function fromPaletteDocument(value: unknown, channels: 1 | 3, where = 'palette document'): PaletteGenome {
  const result = schema.safeParse(value);
  if (!result.success) throw new InputError(`${where}: ${wrongField(result.error, value, schema, 'the document')}`);
  const network = fromCppnDocument(result.data.network, `${where}, its network`);
  if (network.outputs !== 1) throw new InputError(`${where}: its network ends with three colors; end it with grey`);
  const colors = result.data.colors.flatMap((color) =>
    [1, 3, 5].slice(0, channels).map((at) => Number.parseInt(color.slice(at, at + 2), 16)),
  );
  return paletteGenome(network, Uint8Array.from(colors));
}

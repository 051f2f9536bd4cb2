/** @file How large a genome may be that comes from a stranger: a file of a page, or of a run folder. */

import { type ImageShape, InputError } from '@pareidolia/core';

/**
 * Nodes and links of a CPPN that are read. The encoding itself knows 65,535 nodes, but drawing takes time in proportion to both,
 * and evolved genomes have some tens.
 */
const [MOST_NODES, MOST_LINKS] = [4096, 32_768];

/** Nodes and links, times pixels, that are drawn for one request: a few seconds. */
const MOST_WORK = 10_000_000_000;

/** The same for a picture that is drawn in one go, while nothing else is answered. */
const MOST_AT_ONCE = 1_000_000_000;

interface Size {
  readonly nodes: number;
  readonly links: number;
}

/**
 * Checks a document before anything else is done with it.
 *
 * @param where its name, for the error
 * @throws InputError where it has more nodes or links than are read; whatever is no such document at all passes
 */
export function requireReadable(document: unknown, where: string): void {
  const nodes = (document as { readonly nodes?: unknown } | null | undefined)?.nodes;
  if (!Array.isArray(nodes)) return;
  let links = 0;
  if (nodes.length <= MOST_NODES) {
    for (const node of nodes) links += Object.keys((node as { readonly from?: unknown } | null)?.from ?? {}).length;
  }
  requireSize({ nodes: nodes.length, links }, where);
}

/**
 * Checks a packed CPPN before it is unpacked and drawn.
 *
 * @param shape of the picture
 * @param count pictures of that shape which are drawn, one after the other
 * @param isWhole whether each picture is drawn in one go
 * @throws InputError where it has more nodes or links than are read, or drawing them would take too long
 */
export function requireDrawable(genome: Uint8Array, shape?: ImageShape, { count = 1, isWhole = false } = {}): void {
  if (genome.length < 8) return;
  const view = new DataView(genome.buffer, genome.byteOffset, 8);
  const size = { nodes: view.getUint32(0, true), links: view.getUint32(4, true) };
  requireSize(size, 'The genome');
  if (shape === undefined) return;
  const work = (size.nodes + size.links) * shape.height * shape.width;
  if (work * count <= MOST_WORK && (!isWhole || work <= MOST_AT_ONCE)) return;
  throw new InputError(
    `The genome has ${size.nodes} nodes and ${size.links} links, too many for ${shape.width} x ${shape.height} pixels; draw it smaller, or take a simpler one`,
  );
}

function requireSize({ nodes, links }: Size, where: string): void {
  if (nodes <= MOST_NODES && links <= MOST_LINKS) return;
  const has =
    nodes > MOST_NODES ? `${nodes} nodes, more than ${MOST_NODES}` : `${links} links, more than ${MOST_LINKS}`;
  throw new InputError(`${where} has ${has}; take a simpler one`);
}

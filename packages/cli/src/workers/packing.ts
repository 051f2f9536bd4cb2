/** @file Many genomes in one buffer, to cross between threads without copies. */

/** Genomes end to end, each starting at a multiple of 8 bytes so that it can be read in place. */
export interface PackedGenomes {
  readonly bytes: Uint8Array;
  /** For each genome its first byte and its length; length 0 stands for a genome that is wanted but not there. */
  readonly spans: Uint32Array;
}

export function packGenomes(genomes: readonly (Uint8Array | undefined)[]): PackedGenomes {
  const spans = new Uint32Array(2 * genomes.length);
  let total = 0;
  genomes.forEach((genome, index) => {
    spans[2 * index] = total;
    spans[2 * index + 1] = genome?.length ?? 0;
    total += Math.ceil((genome?.length ?? 0) / 8) * 8;
  });
  const bytes = new Uint8Array(total);
  genomes.forEach((genome, index) => {
    if (genome !== undefined) bytes.set(genome, spans[2 * index]!);
  });
  return { bytes, spans };
}

/** The genomes as views on the buffer. */
export function unpackGenomes({ bytes, spans }: PackedGenomes): (Uint8Array | undefined)[] {
  return Array.from({ length: spans.length / 2 }, (_, index) => {
    const length = spans[2 * index + 1]!;
    return length === 0 ? undefined : bytes.subarray(spans[2 * index]!, spans[2 * index]! + length);
  });
}

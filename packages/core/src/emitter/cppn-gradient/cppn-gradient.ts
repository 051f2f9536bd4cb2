/**
 * @file CPPNs that learn: their structure evolves, their weights climb the gradient of a class, and what was learned is inherited
 * (a memetic algorithm with Lamarckian inheritance; Moscato 1989, Whitley, Gordon and Mathias 1994).
 */

import type { Archive } from '../../archive/archive.ts';
import { type GradientScorer, hasGradient } from '../../classifier/classifier.ts';
import { type CppnEncoding, isCppnEncoding } from '../../encoding/cppn/cppn.ts';
import type { CppnGenome } from '../../encoding/cppn/genome.ts';
import { layeredCppn } from '../../encoding/cppn/layered.ts';
import { InputError } from '../../errors.ts';
import { type ImageShape, imageSize } from '../../image/images.ts';
import { CPPN_STRUCTURE_SETTINGS, cppnStructureOf } from '../../variation/cppn-structure.ts';
import type { Variation } from '../../variation/variation.ts';
import { GRADIENT_EVALUATIONS } from '../cost.ts';
import type { Candidate, Emitter, Outcome, Proposal, Question } from '../emitter.ts';
import { defineEmitter, type EmitterContext } from '../kind.ts';
import type { Recordable } from '../recordable.ts';
import { climb, type Start } from './climb.ts';
import { CPPN_GRADIENT_SETTINGS, type CppnGradientSettings, sizedSettings } from './settings.ts';

/** Rates are halved no further. */
const MOST_HALVINGS = 4;

/** Bytes of 8-bit images that climb together where the user says nothing, and the most of them. */
const [USUAL_BYTES, USUAL_MOST] = [4_000_000, 50];

/** What is remembered of a class. */
interface Memory {
  /** Climbs so far. */
  visits: number;
  /** The elite that the last climb of the class began at; -1 for none. */
  from: number;
  /** Climbs from that elite after which the class had no better one. */
  vain: number;
}

/**
 * The first generation are random networks in layers. After that each candidate is for one class, those first that had the fewest turns,
 * and only classes below the target: a copy of the class's elite whose weights take some steps up the gradient of the
 * class's log-odds. Where that was in vain it is tried with half the rate, and then from mutated copies. The candidate is the best
 * 8-bit image on the way; it competes for all classes. A gradient counts as {@link GRADIENT_EVALUATIONS} evaluations.
 */
export class CppnGradientEmitter implements Emitter {
  readonly name = 'cppn-gradient';
  readonly variation = undefined;
  readonly progress = undefined;
  readonly #scorer: GradientScorer;
  readonly #encoding: CppnEncoding;
  readonly #structure: Variation<CppnGenome>;
  readonly #settings: CppnGradientSettings;
  readonly #classIndices: readonly number[];
  readonly #memories: readonly Memory[];
  /** The cells whose climbs were proposed last, in the order of the candidates. */
  #asked: readonly number[] = [];

  /** @throws InputError where the classifier gives no gradients or the encoding is another one */
  constructor(
    { scorer, encoding, classIndices }: Pick<EmitterContext, 'scorer' | 'encoding' | 'classIndices'>,
    settings: CppnGradientSettings,
  ) {
    requireCppn(encoding);
    if (scorer.noGradient !== undefined) {
      throw new InputError(`cppn-gradient needs gradients: ${scorer.noGradient}; choose another --emitter`);
    }
    if (!hasGradient(scorer)) throw new InputError('cppn-gradient needs a classifier that gives gradients');
    this.#scorer = scorer;
    this.#encoding = encoding;
    this.#settings = sizedSettings(settings, encoding.shape);
    const own = Object.keys(CPPN_STRUCTURE_SETTINGS.shape);
    this.#structure = cppnStructureOf(
      encoding,
      Object.fromEntries(Object.entries(settings).filter(([name]) => own.includes(name))),
    );
    this.#classIndices = [...classIndices].sort((a, b) => a - b);
    this.#memories = this.#classIndices.map(() => ({ visits: 0, from: -1, vain: 0 }));
  }

  /** Until every class below the target had a climb: images that were mutated first climb less far. */
  precedes(archive: Pick<Archive, 'thresholds'>): boolean {
    const { target } = this.#settings;
    // Classes may have several cells.
    const visited = new Set(this.#classIndices.filter((_, cell) => this.#memories[cell]!.visits > 0));
    const isLeft = (cell: number): boolean => !visited.has(this.#classIndices[cell]!);
    return archive.thresholds().some((confidence, cell) => confidence < target && isLeft(cell));
  }

  async ask({ archive, count, generation, random }: Question): Promise<Proposal> {
    this.#asked = [];
    if (generation === 0) return { candidates: this.#first(count, random), evaluations: 0 };
    const { steps, target, rate, patience } = this.#settings;
    const thresholds = archive.thresholds();
    const open = random.shuffle([...thresholds.keys()].filter((cell) => thresholds[cell]! < target));
    // Stable, so that ties keep their random order.
    open.sort((a, b) => this.#memories[a]!.visits - this.#memories[b]!.visits);
    const cells = open.slice(0, count);
    const parents = cells.map((cell) => archive.elites[cell] ?? archive.sample(1, random)[0]!);
    const starts = cells.map((cell, row): Start => {
      const elite = parents[row]!;
      const memory = this.#memories[cell]!;
      memory.visits++;
      if (memory.from !== elite.id) {
        memory.from = elite.id;
        memory.vain = 0;
      }
      const genome = this.#encoding.unpack(elite.genome);
      const mutates = memory.vain >= patience;
      return {
        genome: mutates ? this.#structure.apply([genome], random, generation) : genome,
        classIndex: this.#classIndices[cell]!,
        rate: mutates ? rate : rate * 0.5 ** Math.min(MOST_HALVINGS, memory.vain),
      };
    });
    const options = { scorer: this.#scorer, encoding: this.#encoding, steps, target };
    const { summits, gradients } = await climb(starts, options);
    this.#asked = cells;
    return {
      candidates: summits.map(({ genome }, row) => ({ parents: [parents[row]!], genome })),
      evaluations: GRADIENT_EVALUATIONS * gradients,
    };
  }

  tell({ archive }: Pick<Outcome, 'archive'>): void {
    for (const cell of this.#asked) {
      const memory = this.#memories[cell]!;
      if (archive.elites[cell]?.id === memory.from) memory.vain++;
    }
    this.#asked = [];
  }

  state(): Recordable {
    const list = (key: keyof Memory): readonly number[] => this.#memories.map((memory) => memory[key]);
    return { visits: list('visits'), from: list('from'), vain: list('vain') };
  }

  restore(state: Recordable): void {
    const fields = (state ?? {}) as { readonly [name: string]: Recordable | undefined };
    for (const key of ['visits', 'from', 'vain'] as const) {
      const values = fields[key];
      if (
        !Array.isArray(values) ||
        values.length !== this.#memories.length ||
        // Elites that other searches sent have negative numbers.
        !values.every((value) => Number.isSafeInteger(value) && (key === 'from' || value >= 0))
      ) {
        throw new InputError(`The state of cppn-gradient is damaged: its ${key} is none of this search`);
      }
      values.forEach((value: number, cell) => {
        this.#memories[cell]![key] = value;
      });
    }
  }

  #first(count: number, random: Question['random']): Candidate[] {
    const { starts, width, layers, inputWeight } = this.#settings;
    const { weightLimit } = this.#encoding.settings;
    const options = { outputs: this.#encoding.shape.channels, width, layers, inputWeight, weightLimit };
    return Array.from({ length: Math.max(count, starts * new Set(this.#classIndices).size) }, () => ({
      parents: [],
      genome: this.#encoding.pack(layeredCppn(options, random)),
    }));
  }
}

function requireCppn(encoding: EmitterContext['encoding']): asserts encoding is CppnEncoding {
  if (isCppnEncoding(encoding)) return;
  throw new InputError(
    `cppn-gradient works on the encoding cppn, not on ${encoding.name}; choose that encoding, or another emitter`,
  );
}

/** CPPNs that learn, as they are chosen by name. */
export const cppnGradientEmitter = defineEmitter({
  name: 'cppn-gradient',
  summary: 'CPPNs that learn: weights climb the gradient of a class, structure mutates where that gets no further',
  explanation:
    "The weights of a small network that draws the image were moved along the classifier's own gradient, and its structure mutated; the best image was kept.",
  settings: CPPN_GRADIENT_SETTINGS,
  presets: {},
  needs: 'gradients',
  encoding: 'cppn',
  length: 'generations',
  variation: (encoding) => {
    requireCppn(encoding);
    return undefined;
  },
  batch: (shape: ImageShape) => Math.max(1, Math.min(USUAL_MOST, Math.floor(USUAL_BYTES / imageSize(shape)))),
  create: (context, settings) => new CppnGradientEmitter(context, settings),
});

/** @file Attacks images: the part that is the same for every attack. */

import { argmax } from '../classifier/scores.ts';
import { InputError } from '../errors.ts';
import { type FloatImages, type Images, imageSize, toFloat } from '../image/images.ts';
import { Random } from '../random/random.ts';
import type { Attack, Settings } from './attack.ts';
import { type Criterion, isAdversarial } from './criterion.ts';
import { CutShort, type DriveOptions, drive, type Ending } from './engine/drive.ts';
import { inTurn } from './engine/ensemble.ts';
import { smallestEpsilon } from './engine/epsilon-search.ts';
import { type ExpectationSettings, overTransformations } from './engine/expectation.ts';
import { knownStarts } from './engine/known-starts.ts';
import { imageOf, levelsOf, nearestQuantized } from './engine/quantization.ts';
import { logitsOf, type Steps } from './engine/query.ts';
import type { KnownStart, Sample } from './engine/sample.ts';
import type { QueryCount, TargetModel } from './engine/target-model.ts';
import { type Found, nearest, type Stop } from './engine/verify.ts';
import { type Ball, type Distances, distances, isInside, type Norm, wholeBox } from './norm.ts';

export interface AttackOptions extends DriveOptions {
  /** The attack's own when absent. */
  readonly norm?: Norm;
  /** Radii of the ball, pixels in [0, 1], each a result of its own; the smallest that succeeds is searched for when absent. */
  readonly epsilons?: readonly number[];
  /** For each image the class it is to be taken for; untargeted when absent. */
  readonly targets?: Int32Array;
  /**
   * Images that attacks which see decisions only may begin at, where they aim at a class or noise does not do; the same for
   * all. Their decisions are asked for once, outside of the budgets.
   */
  readonly starts?: Images | FloatImages;
  /** Changes to the attack's settings. */
  readonly settings?: Settings;
  readonly seed: number;
  /** Transformations that images have to survive; each query is made over several of them. */
  readonly expectation?: ExpectationSettings;
  /** Whether only images that a file can hold count; breaks of rounding are repaired. */
  readonly quantize: boolean;
}

/** What became of one image at one epsilon. */
export interface AttackResult {
  /** Place of the image among those given. */
  readonly index: number;
  /** The radius; `undefined` where the smallest was searched for. */
  readonly epsilon: number | undefined;
  readonly label: number;
  readonly target: number | undefined;
  /** Whether `image` meets the criterion: is taken for another class, or for the target. */
  readonly success: boolean;
  /** Whether the network had the original wrong. */
  readonly initiallyWrong: boolean;
  /** What the network takes the original for; `undefined` where its outputs are not finite. */
  readonly predicted: number | undefined;
  /** What it takes `image` for; `undefined` where nothing was found. */
  readonly decision: number | undefined;
  /** The adversarial image: `C x H x W` in [0, 1]; `undefined` where none was found. */
  readonly image: Float32Array | undefined;
  /** From the original; `undefined` where none was found. */
  readonly distances: Distances | undefined;
  /** Spent on this image up to and with this epsilon. */
  readonly queries: QueryCount;
  /** Name of the attack that found it: a member's, for an ensemble; `undefined` where none did. */
  readonly by: string | undefined;
  /** Whether the image rounded to 8 bits meets it. */
  readonly survives8Bit: boolean;
  readonly stop: Stop;
}

const ATTACK_STREAM = 5;

/**
 * Attacks images, each by itself.
 *
 * Results of attacks with a fixed epsilon are monotone: what was found in a smaller ball counts in the larger ones. An
 * image that is adversarial already is a result with distance 0, not an error.
 *
 * @param images 8-bit, or floats in [0, 1]
 * @param labels the right class of each image
 * @returns for each epsilon (one after the other) the result of each image
 * @throws InputError where norm, epsilon, target, settings or the number of classes do not fit the attack
 */
export async function attackImages(
  model: TargetModel,
  attack: Attack,
  images: Images | FloatImages,
  labels: Int32Array,
  options: AttackOptions,
): Promise<readonly AttackResult[]> {
  const norm = options.norm ?? attack.norms[0];
  checkFit(model, attack, images, labels, norm, options);
  const settings = mergeSettings(attack, options.settings ?? {});
  const originals = images.data instanceof Uint8Array ? toFloat(images as Images).data : images.data;
  checkPixels(originals);
  const size = imageSize(images);
  const plan: Plan = {
    attack,
    norm,
    settings,
    epsilons: [...new Set(options.epsilons ?? [])].sort((a, b) => a - b),
    quantize: options.quantize,
    expectation: options.expectation,
    starts:
      options.starts === undefined || attack.access !== 'decisions'
        ? []
        : await knownStarts(model, options.starts, options.batch),
  };
  const subjects = Array.from(labels, (label, index): Subject => {
    const given = images.data.subarray(index * size, (index + 1) * size);
    return {
      index,
      given,
      image: originals.subarray(index * size, (index + 1) * size),
      criterion: { label, target: options.targets?.[index] },
      random: Random.stream(options.seed, ATTACK_STREAM, index),
    };
  });
  const endings = await drive(
    model,
    subjects.map((subject) => (meter) => attackOne(model, subject, plan, meter)),
    options,
  );
  return judge(model, subjects, endings, plan, options);
}

/** The defaults of an attack with a user's changes. */
export function mergeSettings(attack: Attack, changes: Settings): Settings {
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(attack.settings, name)) {
      const names = Object.keys(attack.settings).join(', ');
      throw new InputError(`${attack.name} has no setting ${name}; it has ${names === '' ? 'none' : names}`);
    }
    if (!Number.isFinite(value)) throw new InputError(`Setting ${name} of ${attack.name} is ${value}; give a number`);
  }
  return { ...attack.settings, ...changes };
}

interface Plan {
  readonly attack: Attack;
  readonly norm: Norm;
  readonly settings: Settings;
  readonly epsilons: readonly number[];
  readonly quantize: boolean;
  readonly expectation: ExpectationSettings | undefined;
  readonly starts: readonly KnownStart[];
}

/** One image with what is to be done to it. */
interface Subject {
  readonly index: number;
  /** As it came: bytes or floats. */
  readonly given: Uint8Array | Float32Array;
  readonly image: Float32Array;
  readonly criterion: Criterion;
  readonly random: Random;
}

/** What was found at one epsilon, and what had been spent by then. */
interface Stage extends Found {
  readonly queries: QueryCount;
}

interface Attacked {
  /** Of the original. */
  readonly logits: Float32Array;
  /** One for each epsilon until it was clear how the rest ends, or one in all. */
  readonly stages: readonly Stage[];
}

/** All that is done with one image. */
function* attackOne(model: TargetModel, subject: Subject, plan: Plan, meter: QueryCount): Steps<Attacked> {
  const { settings, expectation, starts } = plan;
  const { image, random } = subject;
  const logits = (yield* logitsOf(subject.given)).slice();
  const stage = (result: Found): Stage => ({ ...result, queries: { ...meter } });
  if (isAdversarial(subject.criterion, logits)) return { logits, stages: [stage({ image, stop: 'initially wrong' })] };
  const criterion: Criterion = { ...subject.criterion, confidence: settings.confidence ?? 0 };
  const sample: Sample = { shape: model.shape, numClasses: model.numClasses, image, logits, criterion, random, starts };
  const search = searchIn(sample, plan, stage);
  return { logits, stages: yield* expectation ? overTransformations(search, sample, expectation) : search };
}

/** The search itself, once the original is known to be right. */
function* searchIn(sample: Sample, plan: Plan, stage: (result: Found) => Stage): Steps<readonly Stage[]> {
  const { attack, norm, settings, epsilons, quantize } = plan;
  if (attack.kind === 'minimal') {
    const found = yield* nearest(attack.search(sample, norm, settings), sample, norm);
    return [stage(quantize ? yield* quantized(sample, found, plan) : found)];
  }
  if (epsilons.length === 0) return [stage(yield* smallestEpsilon(attack, sample, norm, settings, quantize))];
  const stages: Stage[] = [];
  for (const epsilon of epsilons) {
    const result = stage(yield* inTurn(attack, sample, { norm, epsilon }, settings, quantize));
    stages.push(result);
    if (result.stop !== 'finished') break;
  }
  return stages;
}

/** The nearest adversarial image that a file can hold, from the nearest in floating point. */
function* quantized(sample: Sample, found: Found, { attack, norm }: Plan): Steps<Found> {
  if (found.image === undefined) return found;
  // What is there when the search is cut short: the judge says whether it does.
  let best = imageOf(levelsOf(found.image));
  if (found.stop === 'not finite') return { ...found, image: best };
  try {
    const search = nearestQuantized(sample, found.image, norm, attack.access === 'gradients', (levels) => {
      best = imageOf(levels);
    });
    const levels = yield* search;
    return { ...found, image: levels && imageOf(levels) };
  } catch (error) {
    if (error instanceof CutShort) return { image: best, stop: error.reason };
    throw error;
  }
}

/** Measures what was found, by itself: an attack is not trusted. */
async function judge(
  model: TargetModel,
  subjects: readonly Subject[],
  endings: readonly Ending<Attacked>[],
  { attack, epsilons, quantize, norm }: Plan,
  { batch }: AttackOptions,
): Promise<readonly AttackResult[]> {
  const images = new Set(endings.flatMap(({ value }) => value?.stages.flatMap(({ image }) => image ?? []) ?? []));
  const list = [...images];
  const verdicts = new Map<Float32Array, { readonly exact: Float32Array; readonly bytes: Float32Array }>();
  const ball = (epsilon: number | undefined): Ball => ({
    norm,
    epsilon: epsilon ?? wholeBox(norm, imageSize(model.shape)),
  });
  for (let from = 0; from < list.length; from += batch) {
    const some = list.slice(from, from + batch);
    const bytes = await logitsOfBatch(model, some.map(levelsOf));
    const exact = quantize ? bytes : await logitsOfBatch(model, some);
    some.forEach((image, row) => {
      verdicts.set(image, { exact: exact[row]!, bytes: bytes[row]! });
    });
  }
  return (epsilons.length === 0 ? [undefined] : epsilons).flatMap((epsilon, place) =>
    subjects.map(({ index, image: original, criterion }, at): AttackResult => {
      const { value, queries, cut } = endings[at]!;
      const stage = value?.stages[Math.min(place, value.stages.length - 1)];
      const logits = value?.logits;
      const found = stage?.image;
      const common = {
        index,
        epsilon,
        label: criterion.label,
        target: criterion.target,
        initiallyWrong: logits !== undefined && argmax(logits) !== criterion.label,
        predicted: logits === undefined ? undefined : argmax(logits),
        queries: stage?.queries ?? queries,
      };
      const verdict = found && verdicts.get(found);
      const inside = found !== undefined && isInside(found, original, ball(epsilon));
      if (verdict === undefined || !inside || !isAdversarial(criterion, verdict.exact)) {
        const stop = stage === undefined ? (cut ?? 'not finite') : stage.stop === 'found' ? 'finished' : stage.stop;
        const nothing = { decision: undefined, image: undefined, distances: undefined, by: undefined };
        return { ...common, ...nothing, success: false, survives8Bit: false, stop };
      }
      return {
        ...common,
        success: true,
        decision: argmax(verdict.exact),
        image: found,
        distances: distances(found, original),
        survives8Bit: isAdversarial(criterion, verdict.bytes),
        by: stage!.stop === 'initially wrong' ? undefined : (stage!.by ?? attack.name),
        stop: stage!.stop === 'initially wrong' ? 'initially wrong' : 'found',
      };
    }),
  );
}

async function logitsOfBatch(
  model: TargetModel,
  images: readonly (Float32Array | Uint8Array)[],
): Promise<readonly Float32Array[]> {
  const size = imageSize(model.shape);
  const count = images.length;
  const data = images[0] instanceof Uint8Array ? new Uint8Array(count * size) : new Float32Array(count * size);
  images.forEach((image, row) => {
    data.set(image, row * size);
  });
  const logits = await model.logits({ ...model.shape, count, data } as Images | FloatImages);
  return images.map((_, row) => logits.data.subarray(row * model.numClasses, (row + 1) * model.numClasses));
}

function checkFit(
  model: TargetModel,
  attack: Attack,
  images: Images | FloatImages,
  labels: Int32Array,
  norm: Norm,
  { epsilons, targets, batch, budget }: AttackOptions,
): void {
  const { channels, height, width } = model.shape;
  if (images.channels !== channels || images.height !== height || images.width !== width) {
    throw new InputError(
      `The model takes images of ${channels} x ${height} x ${width}, these are ${images.channels} x ${images.height} x ${images.width}; resize them`,
    );
  }
  if (labels.length !== images.count) {
    throw new InputError(`There are ${labels.length} labels for ${images.count} images; give each image its label`);
  }
  if (!attack.norms.includes(norm)) {
    throw new InputError(`${attack.name} works in ${attack.norms.join(', ')}, not in ${norm}`);
  }
  const most = wholeBox(norm, imageSize(model.shape));
  for (const epsilon of epsilons ?? []) {
    if (!(epsilon >= 0 && epsilon <= most)) {
      throw new InputError(
        `Epsilon ${epsilon} is not between 0 and ${most}, the largest ${norm} distance of images with pixels in [0, 1]`,
      );
    }
  }
  const least = attack.leastClasses ?? 2;
  if (model.numClasses < least) {
    throw new InputError(
      `${attack.name} needs ${least} classes, the model has ${model.numClasses}; take another attack`,
    );
  }
  if (targets !== undefined && !attack.targeted) throw new InputError(`${attack.name} cannot aim at a class`);
  if (targets !== undefined && targets.length !== labels.length) {
    throw new InputError(`There are ${targets.length} targets for ${labels.length} images; give each image its target`);
  }
  for (const classes of [labels, ...(targets === undefined ? [] : [targets])]) {
    const bad = classes.findIndex((value) => !(value >= 0 && value < model.numClasses));
    if (bad < 0) continue;
    const what = classes === labels ? 'label' : 'target';
    throw new InputError(
      `Image ${bad} has the ${what} ${classes[bad]}, the model has the classes 0 to ${model.numClasses - 1}`,
    );
  }
  const aimed = targets?.findIndex((target, index) => target === labels[index]) ?? -1;
  if (aimed >= 0) throw new InputError(`The target of image ${aimed} is its own label ${labels[aimed]}; aim elsewhere`);
  if (!(Number.isInteger(batch) && batch > 0)) throw new InputError(`A batch of ${batch} images is not possible`);
  if (budget !== undefined && !(budget >= 1)) throw new InputError(`A budget of ${budget} queries allows nothing`);
}

function checkPixels(data: Float32Array): void {
  const bad = data.findIndex((value) => !(value >= 0 && value <= 1));
  if (bad >= 0) throw new InputError(`Value ${bad} of the images is ${data[bad]}; pixels are in [0, 1]`);
}

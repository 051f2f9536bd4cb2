/**
 * @file What a studio's page asks and is told. The same whether the engine runs in the page or in a server; all of it is
 * plain data with typed arrays.
 */

import {
  type ArchiveStatistics,
  ATTACKS,
  CHANGE_NAMES,
  type CppnDocument,
  type DecisionField,
  type Decisions,
  type Distances,
  DRAWN_NAMES,
  type DrawnName,
  EMITTERS,
  ENCODINGS,
  type ImageShape,
  InputError,
  type LatentSpace,
  type ModelCard,
  type Norm,
  type PaletteDocument,
  type Paths,
  type PlaneMap,
  type SearchChoice,
  type SettingDescription,
  type SingleAttack,
} from '@pareidolia/core';
import { AUDIT_BUDGETS, AUDIT_FILES, type AuditFinding, type AuditResult, CHECKS } from '@pareidolia/lab';
import { QUIZ_KINDS } from '@pareidolia/lab/quiz';
import { z } from 'zod';
import type { AuditCheckView, AuditChoice, AuditStatus, AuditView } from './audit-views.ts';
import type { CampaignStatus, CampaignView } from './campaign-views.ts';
import {
  CLASS_FILES,
  type ClassView,
  type QuizKindView,
  type QuizQuestion,
  type QuizStatus,
  type QuizView,
} from './quiz/quiz-views.ts';

/** A class with its score. */
export interface Guess {
  readonly classIndex: number;
  readonly className: string;
  readonly confidence: number;
}

/** A network that the engine has loaded. */
export interface StudioModel {
  readonly id: string;
  readonly name: string;
  readonly shape: ImageShape;
  readonly classNames: readonly string[];
  readonly dataset: string | undefined;
  /** Of its data set, where it is drawn here and fits: real images of what it knows are at hand. */
  readonly drawn?: DrawnName;
  /** How a photograph becomes an image of {@link shape}, as the model card says. */
  readonly resize: ModelCard['resize'];
  /** What its outputs were taken for, and why: a sentence, without a full stop. */
  readonly scores: string;
  /** How it was understood: card, scores, preprocessing and gradient, by name. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** What the user should know of its card and of how it is run, each a sentence without a full stop. */
  readonly notices: readonly string[];
  /** What is in the way of the gradient, in words; `undefined` where nothing is. */
  readonly noGradient: string | undefined;
  /** Whether the gradient is an estimate, since the network is quantized. */
  readonly isGradientEstimated?: boolean;
  /** The class that stands for what its detector refuses, the last; absent where it has none. */
  readonly refusedClass?: number;
  /** The kinds of images that a quiz on it can show, and why not others. */
  readonly quizKinds: readonly QuizKindView[];
}

/** A generator that the engine has loaded. */
export interface StudioGenerator {
  readonly id: string;
  readonly name: string;
  /** Of its file, in hexadecimal; empty where it is not known. */
  readonly sha256: string;
  readonly latents: LatentSpace;
  /** Of its own images. */
  readonly shape: ImageShape;
  /** What black and white are in its output. */
  readonly range: readonly [black: number, white: number];
  readonly dataset: string | undefined;
  /** Where it makes images by class: what the classes are called, and the one whose images it makes now. */
  readonly byClass?: { readonly names: readonly string[]; readonly chosen: string };
  /** Why it is taken for a generator: a phrase, such as `its card says so`. */
  readonly why: string;
  /** What was guessed of it, and why; each a sentence without a full stop. */
  readonly notices: readonly string[];
}

/** A network that a page has brought, as what it was taken for. */
export type LoadedNetwork =
  | { readonly kind: 'classifier'; readonly model: StudioModel }
  | { readonly kind: 'generator'; readonly generator: StudioGenerator };

/** What a page is told first: the engine, its networks and attacks. */
export interface About {
  readonly version: string;
  /** Where the networks run. */
  readonly engine: 'page' | 'server';
  /** Name and version of the runtime. */
  readonly runtime: string;
  readonly device: string;
  readonly threads: number;
  /** What is not available here, and why, a sentence each. */
  readonly missing: readonly string[];
  readonly models: readonly StudioModel[];
  /** The model to begin with. */
  readonly first: string;
  readonly generators: readonly StudioGenerator[];
  readonly attacks: readonly AttackInfo[];
  /** The emitters with the encodings that each works on. */
  readonly searches: readonly SearchChoice[];
  /** The run to open at once. */
  readonly run?: string;
  /** The training to open at once. */
  readonly training?: string;
  /** The campaign to open at once. */
  readonly campaign?: string;
  readonly audits: AuditChoice;
  /** Whether pupils can take a quiz on their own devices: there is a server for that. */
  readonly hasClassroom?: true;
}

/** An attack that can be watched, as its author describes it. */
export interface AttackInfo {
  readonly name: string;
  readonly title: string;
  readonly paper: string;
  readonly summary: string;
  readonly kind: SingleAttack['kind'];
  readonly access: 'gradients' | 'scores' | 'decisions';
  readonly norms: readonly Norm[];
  readonly targeted: boolean;
  /** What it can be tuned with. */
  readonly settings: readonly SettingDescription[];
}

/** The attacks that can be watched on one image: a universal one needs many. */
export const WATCHABLE_ATTACKS: readonly SingleAttack[] = ATTACKS.filter((attack) => attack.kind !== 'universal');

/** What a run may be doing; `followed` is one that another process works on. */
export const RUN_STATES = ['running', 'paused', 'finished', 'stopped', 'failed', 'followed'] as const;
/** One of {@link RUN_STATES}. */
export type RunState = (typeof RUN_STATES)[number];

/** Where a run stands. */
export interface RunStatus {
  readonly id: string;
  readonly name: string;
  readonly model: string;
  readonly encoding: string;
  readonly emitter: string;
  readonly state: RunState;
  /** Why it failed. */
  readonly error?: string;
  readonly seed: number;
  readonly batch: number;
  /** Generations told, the first one included. */
  readonly generations: number;
  /** In all; absent where the emitter ends by itself. */
  readonly total?: number;
  /** Share of the search that is done, 0 to 1. */
  readonly progress: number;
  readonly evaluations: number;
  readonly evaluationsPerSecond: number;
  readonly secondsLeft: number | undefined;
  readonly last: ArchiveStatistics | undefined;
  /** Whether there is a report of it. */
  readonly hasReport?: boolean;
}

/** The holder of a cell, as far as a grid shows it. */
export interface CellView {
  readonly classIndex: number;
  /** The individual; cells that share an image share it. */
  readonly id: number;
  readonly confidence: number;
}

/** The picture of a cell. */
export interface ElitePicture extends Picture {
  readonly classIndex: number;
  readonly id: number;
  /** What the network itself answers, where that is another class; only told while no search holds the network up. */
  readonly answer?: number;
}

/** One point of a run's curves. */
export interface CurvePoint {
  readonly generation: number;
  readonly evaluations: number;
  readonly median: number;
  readonly mean: number;
  readonly worst: number;
}

/** All that a page needs to show a run that it has not seen before. */
export interface RunView {
  readonly status: RunStatus;
  readonly shape: ImageShape;
  readonly classNames: readonly string[];
  /** The classes that are searched. */
  readonly classIndices: readonly number[];
  readonly cells: readonly CellView[];
  readonly curve: readonly CurvePoint[];
}

/** 8-bit planes with their shape. */
export interface Picture extends ImageShape {
  readonly planes: Uint8Array;
}

/** One individual on the way to an elite. */
export interface Ancestor {
  readonly id: number;
  readonly generation: number;
  /** Ids of its parents, which stand before it. */
  readonly parents: readonly number[];
  /** The cells that it took. */
  readonly classes: readonly Guess[];
  /** The emitter that proposed it; absent where the run's journal does not say. */
  readonly emitter?: string;
  /** As it looked; absent where its genome is not known any more and cannot be bred again. */
  readonly picture?: Picture;
}

/** Everything about one elite. */
export interface EliteView {
  readonly classIndex: number;
  readonly className: string;
  readonly id: number;
  /** Of the 8-bit image. */
  readonly confidence: number;
  readonly picture: Picture;
  /** The same with its contrast multiplied, where one hardly sees anything in it. */
  readonly amplified?: { readonly planes: Uint8Array; readonly factor: number };
  /** Of several networks that were searched together: what all of them say at least. */
  readonly top: readonly Guess[];
  /** What each network of a run of several says of it; none where there is one. */
  readonly networks: readonly {
    readonly name: string;
    readonly isSearched: boolean;
    /** In the class that the image was made for. */
    readonly confidence: number;
    readonly answer: Guess;
  }[];
  /** The packed genome; absent where the image itself is the genome. */
  readonly genome?: Uint8Array;
  /** The network that draws the image, where a CPPN does, perhaps with its palette. */
  readonly document?: CppnDocument | PaletteDocument;
  /** From the first ancestor to the elite itself. */
  readonly lineage: readonly Ancestor[];
}

/** A bred image. */
export interface Child {
  readonly genome: Uint8Array;
  /** For the eye, at the size that was asked for; of a latent as the network gets it. */
  readonly picture: Picture;
  /** Of the 8-bit image at the network's own size. */
  readonly top: readonly Guess[];
  /** Where the children were asked for with a goal. */
  readonly goal?: GoalView;
}

/** How far an image is on the way to a class that it is to be taken for without being one. */
export interface GoalView {
  readonly classIndex: number;
  readonly confidence: number;
  /** Whether it resembles the class by a second look, which has nothing to do with the network; absent where there are no pictures to compare with. */
  readonly resembles?: boolean;
}

/** One moment of an attack. */
export interface AttackFrame {
  /** Forward passes so far. */
  readonly queries: number;
  /** The image that the attack asked about, rounded to 8 bits. */
  readonly image: Uint8Array;
  /** Of that rounded image, as are the distances. */
  readonly top: readonly Guess[];
  /** Confidence in the right class. */
  readonly own: number;
  /** Confidence in the class that is aimed at, or in the likeliest of the wrong ones. */
  readonly other: number;
  readonly distances: Distances;
}

/** How an attack ended. */
export interface AttackOutcome {
  readonly success: boolean;
  readonly survives8Bit: boolean;
  readonly initiallyWrong: boolean;
  /** The adversarial image as a file holds it; absent where none was found. */
  readonly image?: Uint8Array;
  /** What the network says of that file. */
  readonly top: readonly Guess[];
  readonly distances?: Distances;
  readonly queries: number;
  readonly gradients: number;
  readonly stop: string;
}

/** A network of two inputs that was trained on points: its regions, and the ways of three searches through them. */
export interface PointsView {
  readonly field: DecisionField;
  readonly classNames: readonly string[];
  readonly evolved: Paths;
  readonly ascended: Paths;
  readonly adversarial: Paths;
  /** The mean cross-entropy of each epoch of the training, in nats. */
  readonly losses: readonly number[];
  /** Share of the points that the network has right. */
  readonly accuracy: number;
}

/** An epoch of the training of a generator: its number, from 1, and figures by the names that {@link TrainingChart} has. */
export interface TrainingEpoch {
  readonly epoch: number;
  readonly figures: Readonly<Record<string, number>>;
}

/** Figures of a training that belong together, over its epochs. */
export interface TrainingChart {
  readonly title: string;
  /** `share`: from 0 to 1, shown in percent. `number`: from 0. */
  readonly scale: 'share' | 'number';
  readonly lines: readonly {
    readonly figure: string;
    readonly name: string;
    /** How the newest value is called where it stands by itself; left out where it says nothing without the others. */
    readonly alone?: string;
  }[];
}

/** Where the training of a generator stands. */
export interface TrainingStatus {
  readonly id: string;
  readonly name: string;
  readonly architecture: string;
  /** What it learns from, in words. */
  readonly data: string;
  readonly state: RunState;
  readonly seed: number;
  /** Epochs that have ended, and all of them. */
  readonly epoch: number;
  readonly epochs: number;
  readonly last?: TrainingEpoch;
  /** What is shown of the epochs, by the kind of training. */
  readonly charts: readonly TrainingChart[];
  readonly secondsLeft: number | undefined;
  /** What goes wrong, and what helps: sentences. */
  readonly trouble?: string;
  /** Whether there is a generator that one can walk in. */
  readonly hasGenerator: boolean;
}

/** All that a page needs to show a training that it has not seen before. */
export interface TrainingView {
  readonly status: TrainingStatus;
  readonly epochs: readonly TrainingEpoch[];
}

/** What the engine tells without being asked. */
export type StudioEvent =
  | {
      readonly type: 'run';
      readonly status: RunStatus;
      readonly changed: readonly CellView[];
      readonly curve: readonly CurvePoint[];
    }
  | {
      readonly type: 'training';
      readonly status: TrainingStatus;
      /** Those that are new. */
      readonly epochs: readonly TrainingEpoch[];
    }
  | { readonly type: 'campaign'; readonly view: CampaignView }
  | { readonly type: 'attack'; readonly job: string; readonly frames: readonly AttackFrame[] }
  | {
      readonly type: 'attacked';
      readonly job: string;
      readonly outcome?: AttackOutcome;
      /** Why there is none. */
      readonly error?: string;
    }
  | {
      readonly type: 'audit';
      readonly status: AuditStatus;
      /** The check that has just been done, with the findings as they are now. */
      readonly checked?: { readonly check: AuditCheckView; readonly findings: readonly AuditFinding[] };
      readonly result?: AuditResult;
    }
  | {
      readonly type: 'quiz';
      readonly status: QuizStatus;
      /** The one that has just been made. */
      readonly question?: QuizQuestion;
    }
  /** The quiz of a class as it is now; without a view it is closed. */
  | { readonly type: 'class'; readonly view?: ClassView }
  /** Images scored per second of late, over all rooms. */
  | { readonly type: 'rate'; readonly evaluationsPerSecond: number };

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'are not bytes');
/** No control characters: names become parts of files' names, and are printed. */
const plain = z
  .string()
  .min(1)
  .regex(/^\P{Cc}*$/u, 'has control characters');
const name = plain.max(200);
const id = plain.max(500);
const seed = z.int().min(0);
const classIndex = z.int().min(0);
const side = z.int().min(1).max(4096);
const shape = z.strictObject({ channels: z.union([z.literal(1), z.literal(3)]), height: side, width: side });
const coordinate = z.number().min(-10).max(10);
const norm = z.enum(['l0', 'l1', 'l2', 'linf']);

/** Numbers of latents in one request, four bytes each. */
const packedLatents = bytes.refine((packed) => packed.length <= 4 * 2 ** 20, 'are more than 4 MB of latents');

/** The largest file that is taken, in bytes. */
export const LARGEST_MODEL = 512 * 1024 * 1024;

/** Parameters that are not as {@link PARAMETERS} says. */
export class ParametersError extends InputError {}

const quizRequest = z.strictObject({
  /** A name for the events, chosen by whoever asks, so that none of them comes before it is known. */
  quiz: id,
  model: id,
  seed,
  questions: z.int().min(1).max(40),
  kinds: z.array(z.enum(QUIZ_KINDS)).min(1).max(QUIZ_KINDS.length),
  /** Real images: N of the network's shape, one after the other; drawings of its data set when absent. */
  images: z
    .strictObject({
      data: bytes,
      /** Their right classes, where these are known. */
      labels: z.array(classIndex).max(1000).optional(),
    })
    .optional(),
});

/** What each method is given. */
export const PARAMETERS = {
  about: z.strictObject({}),
  /** Loads a network: an image classifier, or a generator where its card or its graph says that it is one. */
  'models.load': z.strictObject({ name, bytes, card: z.unknown().optional() }),
  'models.predict': z.strictObject({ model: id, images: bytes, top: z.int().min(1).max(100) }),
  /** Digits drawn by procedure, in the shape of the embedded network. */
  'samples.draw': z.strictObject({ model: id, count: z.int().min(1).max(100), seed }),
  'runs.list': z.strictObject({}),
  'runs.start': z.strictObject({
    model: id,
    /** The names of an emitter, and of an encoding that it works on; an encoding's or the emitter's own when absent. */
    emitter: z.enum(EMITTERS.map((kind) => kind.name)).optional(),
    encoding: z.enum(ENCODINGS.map((kind) => kind.name)).optional(),
    generations: z.int().min(1).max(1_000_000),
    batch: z.int().min(1).max(10_000),
    seed,
    /** Indices, or as the command takes them: numbers, ranges and names by commas; all when absent. */
    classes: z.union([z.array(classIndex).min(1), z.string().max(10_000)]).optional(),
    /** Whether nobody asked for it: it is kept in memory alone. */
    isDemonstration: z.literal(true).optional(),
  }),
  'runs.open': z.strictObject({ run: id }),
  'runs.control': z.strictObject({ run: id, action: z.enum(['pause', 'resume', 'stop']) }),
  /** Thumbnails of elites, no side longer than `size`. */
  'runs.pictures': z.strictObject({ run: id, classes: z.array(classIndex).max(500), size: side }),
  'runs.elite': z.strictObject({ run: id, class: classIndex }),
  /** Of a run that has one, as an HTML file. */
  'runs.report': z.strictObject({ run: id }),
  /** Children take their parents in turn, and differ from them by as much as `change` says. */
  'breed.screen': z.strictObject({
    model: id,
    parents: z.array(bytes).max(100),
    count: z.int().min(1).max(60),
    seed,
    change: z.enum(CHANGE_NAMES),
    /** The class that the children are to be taken for. */
    goal: classIndex.optional(),
    size: z.int().min(1).max(512),
  }),
  'breed.render': z.strictObject({ genome: bytes, shape }),
  'breed.document': z.strictObject({ genome: bytes, channels: z.union([z.literal(1), z.literal(3)]) }),
  'breed.read': z.strictObject({ document: z.unknown() }),
  /** What the images of a generator go through on the way to a network, a sentence each. */
  'latents.conversions': z.strictObject({ generator: id, model: id }),
  /** As `breed.screen`, of latents; random ones without parents. */
  'latents.screen': z.strictObject({
    generator: id,
    model: id,
    parents: z.array(bytes).max(100),
    count: z.int().min(1).max(60),
    seed,
    change: z.enum(CHANGE_NAMES),
    goal: classIndex.optional(),
  }),
  /** Another class of a generator that makes images by class; the answer takes its place. */
  'generators.choose': z.strictObject({ generator: id, className: name }),
  /** Latents, packed one after the other, as they look to a network. */
  'latents.look': z.strictObject({ generator: id, model: id, latents: packedLatents }),
  /** What a network decides on each of them. */
  'latents.decide': z.strictObject({ generator: id, model: id, latents: packedLatents }),
  'latents.read': z.strictObject({ generator: id, model: id, document: z.unknown() }),
  /** What comes of it is told by events. */
  'attack.start': z.strictObject({
    /** A name for the events, chosen by whoever asks, so that none of them comes before it is known. */
    job: id,
    model: id,
    image: bytes,
    label: classIndex,
    attack: z.enum(WATCHABLE_ATTACKS.map((attack) => attack.name)),
    norm,
    /** Ignored by attacks that look for the nearest image. */
    epsilon: z.number().min(0),
    target: classIndex.optional(),
    /** Changes to the attack's settings, by name. */
    settings: z.record(z.string(), z.number()).optional(),
    seed,
    /** Most forward passes. */
    budget: z.int().min(1).max(1_000_000),
    /** Goes on from an adversarial image, until the network is as certain of the wrong class. */
    goOn: z.strictObject({ image: bytes, confidence: z.number().gt(0).lt(1) }).optional(),
  }),
  'trainings.list': z.strictObject({}),
  'trainings.open': z.strictObject({ training: id }),
  /** The newest sheet of samples, as a PNG file. */
  'trainings.sheet': z.strictObject({ training: id }),
  /** Loads the generator that came of a training. */
  'trainings.generator': z.strictObject({ training: id }),
  'campaigns.list': z.strictObject({}),
  'campaigns.open': z.strictObject({ campaign: id }),
  'campaigns.control': z.strictObject({ campaign: id, action: z.enum(['pause', 'resume', 'cancel', 'retry']) }),
  /** Of one that has a report, as an HTML file. */
  'campaigns.report': z.strictObject({ campaign: id }),
  'attack.stop': z.strictObject({ job: id }),
  'boundaries.points': z.strictObject({
    points: z
      .array(z.strictObject({ x: coordinate, y: coordinate, class: z.int().min(0).max(2) }))
      .min(1)
      .max(2000),
    hidden: z.array(z.int().min(1).max(128)).min(1).max(4),
    epochs: z.int().min(1).max(1000),
    grid: z.int().min(2).max(300),
    /** The part of the plane that is drawn; the box [0, 1] and as much again around it when absent. */
    ends: z.tuple([coordinate, coordinate]).readonly().optional(),
    seed,
  }),
  'boundaries.plane': z.strictObject({
    model: id,
    images: z.tuple([bytes, bytes, bytes]),
    grid: z.int().min(2).max(200),
    margin: z.number().min(0).max(5),
  }),
  'audits.list': z.strictObject({}),
  'audits.start': z.strictObject({
    model: id,
    threshold: z.number().gt(0).max(1),
    budget: z.enum(AUDIT_BUDGETS),
    seed,
    /** As the command takes them; empty for none. */
    gates: z.string().max(2000),
    /** Names of the checks; all when absent. */
    checks: z
      .array(z.enum(CHECKS.map((check) => check.name)))
      .min(1)
      .optional(),
    /** Real images: drawings, or N images of the network's shape, one after the other; none when absent. */
    images: z
      .union([
        z.enum(DRAWN_NAMES),
        z.strictObject({
          /** Where they come from, in words. */
          origin: name,
          names: z.array(plain.max(1000)).min(1).max(10_000),
          data: bytes,
          /** Their right classes, where these are known. */
          labels: z.array(classIndex).optional(),
          /** What was found beside them and not used, each a sentence without a full stop. */
          leftOut: z.array(z.string().max(2000)).max(100),
          /** Images that there are in all. */
          inAll: z.int().min(1),
        }),
      ])
      .optional(),
  }),
  /** About how long an audit would take; of images only their number matters. */
  'audits.estimate': z.strictObject({
    model: id,
    threshold: z.number().gt(0).max(1),
    budget: z.enum(AUDIT_BUDGETS),
    seed,
    checks: z
      .array(z.enum(CHECKS.map((check) => check.name)))
      .min(1)
      .optional(),
    images: z
      .union([z.enum(DRAWN_NAMES), z.strictObject({ count: z.int().min(1).max(10_000), isLabelled: z.boolean() })])
      .optional(),
  }),
  'audits.open': z.strictObject({ audit: id }),
  /** What was measured so far stays. */
  'audits.stop': z.strictObject({ audit: id }),
  /** Pictures by their ids, no side longer than `size`; those that are not there any more are left out. */
  'audits.pictures': z.strictObject({ audit: id, ids: z.array(id).max(100), size: side }),
  /** A finished audit as a file. */
  'audits.file': z.strictObject({ audit: id, file: z.enum(AUDIT_FILES.map(({ file }) => file)) }),
  /** What comes of it is told by events. */
  'quiz.start': quizRequest,
  'quiz.open': z.strictObject({ quiz: id }),
  /** The questions that are ready stay. */
  'quiz.stop': z.strictObject({ quiz: id }),
  /** The quiz of a class that is open, if one is. */
  'class.view': z.strictObject({}),
  /** Begins a quiz and opens it for pupils. */
  'class.open': quizRequest,
  /** Any number may join from one address from now on. */
  'class.admit': z.strictObject({}),
  /** Tells pupils what the network sees; nobody can answer any more. */
  'class.reveal': z.strictObject({}),
  /** Forgets it, with all answers. */
  'class.close': z.strictObject({}),
  'class.file': z.strictObject({ file: z.enum(CLASS_FILES) }),
} as const;

/** What each method answers. */
export interface Answers {
  about: About;
  'models.load': LoadedNetwork;
  'models.predict': { readonly tops: readonly (readonly Guess[])[] };
  /** Drawings of the network's size with what they show; none where there are none for it. */
  'samples.draw': { readonly images: Uint8Array; readonly names: readonly string[] };
  'runs.list': { readonly runs: readonly RunStatus[] };
  'runs.start': { readonly run: string };
  'runs.open': RunView;
  'runs.control': { readonly status: RunStatus };
  'runs.pictures': { readonly pictures: readonly ElitePicture[] };
  'runs.elite': EliteView;
  'runs.report': { readonly html: string };
  'breed.screen': { readonly children: readonly Child[] };
  'breed.render': Picture;
  'breed.document': { readonly document: CppnDocument };
  'breed.read': { readonly genome: Uint8Array; readonly channels: 1 | 3 };
  'latents.conversions': { readonly sentences: readonly string[] };
  'latents.screen': { readonly children: readonly Child[] };
  'generators.choose': { readonly generator: StudioGenerator };
  'latents.look': { readonly children: readonly Child[] };
  'latents.decide': Decisions;
  'latents.read': { readonly genome: Uint8Array };
  'trainings.list': { readonly trainings: readonly TrainingStatus[] };
  'trainings.open': TrainingView;
  'trainings.sheet': { readonly epoch: number; readonly png: Uint8Array };
  'trainings.generator': { readonly generator: StudioGenerator };
  'campaigns.list': { readonly campaigns: readonly CampaignStatus[] };
  'campaigns.open': CampaignView;
  /** What came of it, a sentence without a full stop. */
  'campaigns.control': { readonly said: string };
  'campaigns.report': { readonly html: string };
  'attack.start': Record<string, never>;
  'attack.stop': Record<string, never>;
  'boundaries.points': PointsView;
  'boundaries.plane': PlaneMap;
  'audits.list': { readonly audits: readonly AuditStatus[] };
  'audits.start': { readonly audit: string };
  /** A sentence; absent where it cannot be told. */
  'audits.estimate': { readonly estimate?: string };
  'audits.open': AuditView;
  'audits.stop': Record<string, never>;
  'audits.pictures': { readonly pictures: readonly (Picture & { readonly id: string })[] };
  'audits.file': { readonly file: string; readonly type: string; readonly text: string };
  'quiz.start': Record<string, never>;
  'quiz.open': QuizView;
  'quiz.stop': Record<string, never>;
  'class.view': { readonly view?: ClassView };
  'class.open': { readonly view: ClassView };
  'class.admit': { readonly view: ClassView };
  'class.reveal': { readonly view: ClassView };
  'class.close': Record<string, never>;
  'class.file': { readonly type: string; readonly text: string };
}

/** Name of something that an engine can be asked for. */
export type Method = keyof Answers;
/** What a method is asked with. */
export type Parameters<M extends Method> = z.infer<(typeof PARAMETERS)[M]>;

/** Something that answers a page: the engine itself, or a way to it. */
export interface StudioEngine {
  /**
   * Asks for something.
   *
   * @throws Error whose message is a sentence for the user
   */
  call<M extends Method>(method: M, parameters: Parameters<M>): Promise<Answers[M]>;
}

import type { Dataset, Device, ImageShape, OnnxClassifier, Runtime } from '@pareidolia/core';

/** How much work is done: `tiny` for tests, `small` for minutes, `paper` for the paper's own numbers. */
export type Budget = 'tiny' | 'small' | 'paper';

/** Networks that experiments ask for by name. `digits` is embedded; the others are files of the data folder. */
export type NetworkName =
  | 'digits'
  | 'mnist-lenet-nguyen2015'
  | 'mnist-lenet5-clean'
  | 'mnist-cntk'
  | 'squeezenet1.1'
  | 'mobilenet_v1_0.25_224'
  | 'cifar10-resnet20';

/** Data that experiments ask for by name. `digits` are drawn. */
export type DataName = 'digits' | 'mnist';

/** What can be written down: plain data, with bytes. */
export type Recordable =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | Float32Array
  | readonly Recordable[]
  | { readonly [key: string]: Recordable };

/** How far a long unit has come: written down on the way, so that it can go on from there. */
export interface Bookmark {
  /** Where it was left; `undefined` at its beginning. */
  readonly value: Recordable | undefined;
  /** Called often; what `make` gives is written down now and then, and when the user has asked to stop. */
  offer(make: () => Recordable): void;
}

/** What an experiment is given. */
export interface Workbench {
  readonly budget: Budget;
  readonly runtime: Runtime;
  readonly device: Device;
  readonly threads: number;
  /** How many parts of an image are scored and averaged in the experiments on photographs: the whole, or ten crops. */
  readonly crops: 1 | 10;
  /**
   * A piece of work that is done once: its result is written down under its key, and read when the experiment is run again.
   * All that takes long belongs into units; every figure of the finding is computed from their results.
   */
  unit<T extends Recordable>(key: string, work: (bookmark: Bookmark) => Promise<T>): Promise<T>;
  /** A network with its card; `undefined` where its file is not in the data folder. It belongs to the workbench. */
  network(name: NetworkName): Promise<OnnxClassifier | undefined>;
  /** Training and test part; `undefined` where the files are not in the data folder. */
  data(name: DataName): Promise<{ readonly train: Dataset; readonly test: Dataset } | undefined>;
  /** Says how far the experiment is, 0 to 1, and what it does. */
  progress(share: number, doing: string): void;
  /** Rejects once the user has asked to stop; called between pieces of work. */
  pause(): Promise<void>;
}

/** Follows from the numbers, by a rule that the finding states. */
export type Verdict = 'reproduced' | 'partly reproduced' | 'not reproduced';

export interface Table {
  readonly title: string;
  /** What the figures are, with spread over what. */
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A chart as data: mark, encoding and data of a Vega-Lite 6 specification; colors and fonts are the page's. */
export interface ChartData {
  readonly title: string;
  readonly caption: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** One image with what is said under it. */
export interface Picture {
  readonly shape: ImageShape;
  /** `C x H x W`, 8 bits. */
  readonly planes: Uint8Array;
  readonly label: string;
  readonly note: string;
}

export interface Gallery {
  readonly title: string;
  readonly caption: string;
  readonly pictures: readonly Picture[];
}

/** A question of a forced choice: which of the labels belongs to the picture? */
export interface Question {
  readonly shape: ImageShape;
  /** `C x H x W`, 8 bits. */
  readonly planes: Uint8Array;
  readonly labels: readonly string[];
  /** Place of the right label. */
  readonly right: number;
}

/** A forced choice that a person takes in the report; nothing is sent anywhere. */
export interface Quiz {
  readonly title: string;
  readonly caption: string;
  readonly questions: readonly Question[];
  /** What is good to know only when all is answered: how others did. */
  readonly afterwards: string;
}

/** What came out. */
export interface Finding {
  readonly verdict: Verdict;
  /** What the numbers say, in one or two sentences, with the spread. */
  readonly ours: string;
  /** The rule by which the verdict follows from the numbers. */
  readonly rule: string;
  /** What was left out or done otherwise than in the paper, each a sentence. */
  readonly caveats: readonly string[];
  readonly tables: readonly Table[];
  readonly charts: readonly ChartData[];
  readonly galleries: readonly Gallery[];
  readonly quiz?: Quiz;
}

/** An experiment could not be done: a sentence that says what is missing. */
export interface Skipped {
  readonly skipped: string;
}

export interface Experiment {
  /** As on the command line. */
  readonly name: string;
  /** Where its units are written down; experiments of the same ledger share units. Its name when absent. */
  readonly ledger?: string;
  readonly title: string;
  /** The claim, in a sentence. */
  readonly claim: string;
  /** The published figure, in words. */
  readonly published: string;
  /** Where it stands, and how far it can be trusted. */
  readonly source: string;
  /** Repeats the claim at the budget; the seeds are the experiment's own and fixed. */
  run(bench: Workbench): Promise<Finding | Skipped>;
}

/** The value for a budget. */
export function atBudget<V extends Readonly<Record<Budget, unknown>>>(
  bench: Pick<Workbench, 'budget'>,
  values: V,
): V[Budget] {
  return values[bench.budget];
}

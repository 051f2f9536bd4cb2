import type { Answers, ClassView, Method, Parameters, PupilView } from '@pareidolia/studio';

/** An answer of the server that is a refusal, in its sentence. */
export class Refused extends Error {
  /** Of HTTP. */
  readonly status: number;
}

/** A studio as a process of its own. */
export interface RunningStudio {
  readonly origin: string;
  readonly token: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export function startStudio(folder: string): Promise<RunningStudio>;

/** The teacher's page. */
export class Teacher {
  constructor(studio: Pick<RunningStudio, 'origin' | 'token'>);
  /** The newest view that the stream of events has told, and how many it has told. */
  readonly view: ClassView | undefined;
  readonly views: number;
  call<M extends Method>(method: M, parameters: Parameters<M>): Promise<Answers[M]>;
  /** Listens as the page does, until it closes. */
  listen(): Promise<void>;
  /** Opens a quiz of drawn digits and waits until all its images are made. */
  open(questions: number): Promise<ClassView>;
  close(): void;
}

/** A phone with the pupil's page. */
export class Phone {
  constructor(origin: string, address?: string);
  /** The secret that it was given. */
  readonly pupil: string;
  /** Loads the page with all that it names. @returns bytes */
  load(): Promise<number>;
  join(code: string): Promise<void>;
  look(): Promise<PupilView>;
  answer(place: number, choice: number): Promise<PupilView>;
  /** Sends an answer and is gone before it hears of it. */
  answerAndVanish(place: number, choice: number): Promise<void>;
  /** All its connections break; the tab may come back with what it had kept. */
  vanish(): void;
}

export function takeQuiz(
  phones: readonly Phone[],
  options: {
    readonly code: string;
    readonly questions: number;
    readonly choose: (pupil: number, place: number) => number;
    readonly timed?: <T>(kind: string, action: () => Promise<T>) => Promise<T>;
  },
): Promise<{ readonly answers: readonly (readonly number[])[]; readonly stayed: number; readonly miscounted: number }>;

export function countsOf(view: ClassView): readonly (readonly number[])[];
export function countsSent(answers: readonly (readonly number[])[], view: ClassView): readonly (readonly number[])[];

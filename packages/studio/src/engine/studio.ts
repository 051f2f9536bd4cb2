/** @file The engine of a studio: answers the methods of the protocol. */

import {
  attackNamed,
  type Classifier,
  describeSettings,
  drawSamples,
  InputError,
  type LatentEncoding,
  mapPlane,
  parseClasses,
  searchChoices,
} from '@pareidolia/core';
import { watchAttack } from './attacking.ts';
import { Audits, auditChoice } from './audits.ts';
import { breedScreen, documentOf, readGenome, renderGenome } from './breeding.ts';
import type { Campaigns } from './campaigns.ts';
import { Generators } from './generators.ts';
import type { StudioHost } from './host.ts';
import { breedLatents, decideLatents, lookAtLatents, readLatent } from './latents.ts';
import { LiveRuns } from './live-runs.ts';
import { Models } from './models.ts';
import { kindOfNetwork } from './network-kind.ts';
import { mapPoints } from './point-map.ts';
import {
  type About,
  type Answers,
  type AttackFrame,
  type Method,
  PARAMETERS,
  type Parameters,
  ParametersError,
  type StudioEngine,
  WATCHABLE_ATTACKS,
} from './protocol.ts';
import { pushAttack } from './pushing.ts';
import type { Classroom } from './quiz/classroom.ts';
import { Quizzes } from './quiz/quizzes.ts';
import type { Runs } from './runs.ts';
import { ShownRuns } from './shown-runs.ts';
import type { Trainings } from './trainings.ts';

/** What a studio is made of. */
export interface StudioOptions {
  readonly host: StudioHost;
  /** Where runs are kept; in memory when absent. */
  readonly runs?: (models: Models) => Runs;
  /** The run to open at once. */
  readonly run?: string;
  /** Where trainings of generators are kept; there are none when absent. */
  readonly trainings?: Trainings;
  /** The training to open at once. */
  readonly training?: string;
  /** Where campaigns are kept; there are none when absent. */
  readonly campaigns?: Campaigns;
  /** The campaign to open at once. */
  readonly campaign?: string;
  /** Where pupils take a quiz on their own devices; there is none when absent. */
  readonly classroom?: Classroom;
}

type Handlers = { readonly [M in Method]: (parameters: Parameters<M>) => Promise<Answers[M]> };

/** The engine of a studio. Begin by loading a network with {@link Studio.models}: a page opens with the first one. */
export class Studio implements StudioEngine {
  readonly models: Models;
  readonly generators: Generators;
  readonly #host: StudioHost;
  readonly #runs: Runs;
  readonly #audits: Audits;
  readonly #run: string | undefined;
  readonly #trainings: Trainings | undefined;
  readonly #training: string | undefined;
  readonly #campaigns: Campaigns | undefined;
  readonly #campaign: string | undefined;
  readonly #quizzes: Quizzes;
  readonly #classroom: Classroom | undefined;
  readonly #attacks = new Map<string, { aborted: boolean }>();

  constructor({ host, runs, run, trainings, training, campaigns, campaign, classroom }: StudioOptions) {
    this.#host = host;
    this.models = new Models(host);
    this.generators = new Generators(host);
    const live = (stem?: string): LiveRuns => new LiveRuns(host, this.models, stem);
    this.#runs = runs === undefined ? live() : new ShownRuns(runs(this.models), live('demonstration'));
    this.#audits = new Audits(host, this.models);
    this.#run = run;
    this.#trainings = trainings;
    this.#training = training;
    this.#campaigns = campaigns;
    this.#campaign = campaign;
    this.#quizzes = new Quizzes(host, this.models, (job) => this.#classroom?.holds(job) === true);
    this.#classroom = classroom;
  }

  /**
   * Answers a page.
   *
   * @param parameters checked here: they may come from anywhere
   * @throws ParametersError where they are not as the method wants them
   * @throws InputError with a sentence for the user
   */
  async call<M extends Method>(method: M, parameters: Parameters<M>): Promise<Answers[M]> {
    const schema = Object.hasOwn(PARAMETERS, method) ? PARAMETERS[method] : undefined;
    if (schema === undefined) throw new ParametersError(`There is no method ${method}; reload the page`);
    const checked = schema.safeParse(parameters);
    if (!checked.success) {
      const [issue] = checked.error.issues;
      throw new ParametersError(`${method}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not as expected'}`);
    }
    // The schema of a method gives the parameters of its handler.
    return this.#handlers[method](checked.data as never);
  }

  /** Ends attacks, audits and runs, and frees the networks. */
  async dispose(): Promise<void> {
    for (const attack of this.#attacks.values()) attack.aborted = true;
    this.#classroom?.close();
    const kept = [this.#trainings?.dispose(), this.#campaigns?.dispose(), this.#quizzes.dispose()];
    await Promise.all([this.#audits.dispose(), this.#runs.dispose(), ...kept]);
    await Promise.all([this.models.dispose(), this.generators.dispose()]);
  }

  readonly #handlers: Handlers = {
    about: async () => this.#about(),
    'models.load': async ({ name, bytes, card }) => {
      const found = kindOfNetwork(name, bytes, card);
      if (found.kind === 'generator') {
        return { kind: 'generator', generator: await this.generators.load(name, bytes, found.why, card) };
      }
      const before = new Set(this.models.list().map(({ id }) => id));
      const model = await this.models.load(name, bytes, card);
      if (before.has(model.id)) return { kind: 'classifier', model };
      try {
        this.#host.loaded?.(model.id, name, bytes, card);
      } catch (error) {
        await this.models.remove(model.id);
        throw error;
      }
      return { kind: 'classifier', model };
    },
    'models.predict': async ({ model, images, top }) => ({ tops: await this.models.predict(model, images, top) }),
    'samples.draw': async ({ model, count, seed }) => {
      const { card, shape } = this.models.get(model);
      const drawn = drawSamples(card.dataset, shape, count, seed);
      if (drawn === undefined) return { images: new Uint8Array(0), names: [] };
      return { images: drawn.images.data, names: Array.from(drawn.labels, (label) => drawn.classNames[label]!) };
    },
    'runs.list': async () => ({ runs: await this.#runs.list() }),
    'runs.start': async ({ classes, ...request }) => {
      const indices =
        typeof classes === 'string' ? parseClasses(classes, this.models.get(request.model).classNames) : classes;
      return { run: await this.#runs.start({ ...request, ...(indices === undefined ? {} : { classes: indices }) }) };
    },
    'runs.open': ({ run }) => this.#runs.open(run),
    'runs.control': async ({ run, action }) => ({ status: await this.#runs.control(run, action) }),
    'runs.pictures': async ({ run, classes, size }) => ({ pictures: await this.#runs.pictures(run, classes, size) }),
    'runs.elite': ({ run, class: label }) => this.#runs.elite(run, label),
    'runs.report': async ({ run }) => {
      const html = await this.#runs.report?.(run);
      if (html === undefined) throw new InputError('This run has no report yet; it is written when the search ends');
      return { html };
    },
    'breed.screen': ({ model, ...request }) =>
      this.models.use(model, async (network) => ({ children: await breedScreen(network, request, this.#host.pause) })),
    'breed.render': (request) => renderGenome(request, this.#host.pause),
    'breed.document': async (request) => ({ document: documentOf(request) }),
    'breed.read': async ({ document }) => readGenome(document),
    'latents.conversions': async ({ generator, model }) => ({
      sentences: this.generators.get(generator).conversions(this.models.get(model).shape),
    }),
    'latents.screen': (request) =>
      this.#latents(request, async (network, encoding) => ({
        children: await breedLatents(network, encoding, request, this.#host.pause),
      })),
    'generators.choose': async ({ generator, className }) => ({
      generator: await this.generators.choose(generator, className),
    }),
    'latents.look': ({ latents, ...request }) =>
      this.#latents(request, async (network, encoding) => ({
        children: await lookAtLatents(network, encoding, latents, this.#host.pause),
      })),
    'latents.decide': ({ latents, ...request }) =>
      this.#latents(request, (network, encoding) => decideLatents(network, encoding, latents, this.#host.pause)),
    'latents.read': ({ document, ...request }) =>
      this.#latents(request, async (_, encoding) => ({
        genome: readLatent(document, encoding, this.generators.view(request.generator)),
      })),
    'trainings.list': async () => ({ trainings: (await this.#trainings?.list()) ?? [] }),
    'trainings.open': ({ training }) => this.#kept().open(training),
    'trainings.sheet': ({ training }) => this.#kept().sheet(training),
    'trainings.generator': async ({ training }) => {
      const { name, bytes, card } = await this.#kept().generator(training);
      return { generator: await this.generators.load(name, bytes, 'its card says so', card) };
    },
    'campaigns.list': async () => ({ campaigns: (await this.#campaigns?.list()) ?? [] }),
    'campaigns.open': ({ campaign }) => this.#served().open(campaign),
    'campaigns.control': async ({ campaign, action }) => ({ said: await this.#served().control(campaign, action) }),
    'campaigns.report': async ({ campaign }) => ({ html: await this.#served().report(campaign) }),
    'attack.start': async ({ job, model, ...request }) => {
      this.#attack(job, model, request);
      return {};
    },
    'attack.stop': async ({ job }) => {
      const attack = this.#attacks.get(job);
      if (attack !== undefined) attack.aborted = true;
      return {};
    },
    'boundaries.points': (request) => mapPoints(request, this.#host),
    'boundaries.plane': ({ model, images, ...options }) =>
      this.models.use(model, (network) => mapPlane(network, images, { ...options, pause: this.#host.pause })),
    'audits.list': async () => ({ audits: await this.#audits.list() }),
    'audits.start': async (request) => ({ audit: await this.#audits.start(request) }),
    'audits.estimate': async (request) => {
      const estimate = await this.#audits.estimate(request);
      return estimate === undefined ? {} : { estimate };
    },
    'audits.open': ({ audit }) => this.#audits.open(audit),
    'audits.stop': async ({ audit }) => {
      this.#audits.stop(audit);
      return {};
    },
    'audits.pictures': async ({ audit, ids, size }) => ({ pictures: await this.#audits.pictures(audit, ids, size) }),
    'audits.file': ({ audit, file }) => this.#audits.file(audit, file),
    'quiz.start': async (request) => {
      this.#quizzes.start(request);
      return {};
    },
    'quiz.open': async ({ quiz }) => this.#quizzes.open(quiz),
    'quiz.stop': async ({ quiz }) => {
      this.#quizzes.stop(quiz);
      return {};
    },
    'class.view': async () => {
      const view = this.#classroom?.view();
      return view === undefined ? {} : { view };
    },
    'class.open': async (request) => {
      const room = this.#room();
      return { view: room.open(this.#quizzes.start(request, (job) => room.changed(job))) };
    },
    'class.admit': async () => ({ view: this.#room().admitAll() }),
    'class.reveal': async () => ({ view: this.#room().reveal() }),
    'class.close': async () => {
      this.#room().close();
      return {};
    },
    'class.file': async ({ file }) => this.#room().file(file),
  };

  #room(): Classroom {
    if (this.#classroom === undefined) throw new InputError('A quiz for a class needs the local server; start it');
    return this.#classroom;
  }

  #kept(): Trainings {
    if (this.#trainings === undefined) throw new InputError('There are no trainings here; start the local server');
    return this.#trainings;
  }

  #served(): Campaigns {
    if (this.#campaigns === undefined) throw new InputError('There are no campaigns here; start the local server');
    return this.#campaigns;
  }

  /** Works with a network, and with a generator that makes images for it. */
  #latents<Result>(
    { generator, model }: { readonly generator: string; readonly model: string },
    work: (network: Classifier, encoding: LatentEncoding) => Promise<Result>,
  ): Promise<Result> {
    return this.models.use(model, (network) =>
      this.generators.use(generator, network.shape, (encoding) => work(network, encoding)),
    );
  }

  #about(): About {
    const { version, engine, runtime, device, threads, missing } = this.#host;
    const models = this.models.list();
    return {
      version,
      engine,
      runtime: runtime.name,
      device,
      threads,
      missing,
      models,
      generators: this.generators.list(),
      searches: searchChoices(),
      audits: auditChoice(engine),
      first: models[0]?.id ?? '',
      attacks: WATCHABLE_ATTACKS.map(({ name, title, paper, summary, kind, access, norms, targeted, settings }) => ({
        name,
        title,
        paper,
        summary,
        kind,
        access,
        norms,
        targeted,
        settings: describeSettings(settings),
      })),
      ...(this.#run === undefined ? {} : { run: this.#run }),
      ...(this.#training === undefined ? {} : { training: this.#training }),
      ...(this.#campaign === undefined ? {} : { campaign: this.#campaign }),
      ...(this.#classroom === undefined ? {} : { hasClassroom: true as const }),
    };
  }

  /** Starts an attack; what comes of it is told by events. */
  #attack(job: string, model: string, request: Omit<Parameters<'attack.start'>, 'job' | 'model'>): void {
    if (this.#attacks.has(job)) throw new InputError(`There is an attack ${job} already; choose another name`);
    const state = { aborted: false };
    // Only what is loaded can be attacked; the page hears of it now.
    this.models.get(model);
    this.#attacks.set(job, state);
    const signal = {
      throwIfAborted: () => {
        if (state.aborted) throw new InputError('The attack was stopped');
      },
    };
    const { emit } = this.#host;
    const show = (frames: readonly AttackFrame[]): void => emit({ type: 'attack', job, frames });
    void this.models
      .use(model, (network) => {
        const { goOn, ...attack } = request;
        if (goOn === undefined) return watchAttack(network, attack, this.#host, signal, show);
        const limited = attackNamed(attack.attack).kind !== 'minimal';
        return pushAttack(network, { ...attack, goOn }, limited, this.#host, signal, show);
      })
      .then(
        (outcome) => emit({ type: 'attacked', job, outcome }),
        (error: unknown) =>
          emit({ type: 'attacked', job, error: error instanceof Error ? error.message : String(error) }),
      )
      .finally(() => this.#attacks.delete(job));
  }
}

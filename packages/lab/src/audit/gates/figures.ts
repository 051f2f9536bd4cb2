/** @file The figures that gates may name. */

/** A figure, or a family of them, as gates name it. */
export interface GateFigure {
  /** For lists: `garbage.<source>`. */
  readonly name: string;
  readonly pattern: RegExp;
  readonly isShare: boolean;
  /** Whether a radius follows, after an @. */
  readonly hasBall: boolean;
  readonly summary: string;
}

const share = (name: string, pattern: RegExp, summary: string): GateFigure => ({
  name,
  pattern,
  isShare: true,
  hasBall: false,
  summary,
});

/** In the order in which they are listed. */
export const GATE_FIGURES: readonly GateFigure[] = [
  share('accuracy', /^accuracy$/, 'share of the labelled images that are right'),
  share('calibration-error', /^calibration-error$/, 'expected calibration error'),
  share('garbage', /^garbage$/, 'share of the images accepted, of the source of garbage with the largest share'),
  share('garbage.<source>', /^garbage\.[a-z0-9-]+$/, 'share accepted of one source'),
  share(
    'searched',
    /^searched$/,
    'share of the classes for which an image was made, of the search with the largest share',
  ),
  share('searched.<search>', /^searched\.[a-z0-9-]+$/, 'the same of one search'),
  {
    name: 'questions.<search>',
    pattern: /^questions\.[a-z0-9-]+$/,
    isShare: false,
    hasBall: false,
    summary: 'median over seeds of the questions to the first accepted image',
  },
  share('stamp.share', /^stamp\.share$/, 'share of the images that the worst stamp drives to one class'),
  {
    name: 'robust',
    pattern: /^robust$/,
    isShare: true,
    hasBall: true,
    summary: 'share of the images that are right and stay so in the ball',
  },
  {
    name: 'distance.<norm>',
    pattern: /^distance\.(linf|l2)$/,
    isShare: false,
    hasBall: false,
    summary: 'median of the smallest distances of an adversarial image',
  },
  share('refused', /^refused$/, 'share of real images that the threshold refuses'),
  share(
    'stopped.<source>',
    /^stopped\.[a-z0-9-]+$/,
    'share of a source stopped by the threshold that keeps 95 % of the real images',
  ),
  share('fpr95.<source>', /^fpr95\.[a-z0-9-]+$/, 'share of a source whose confidence passes that threshold'),
  share(
    'auroc.<source>',
    /^auroc\.[a-z0-9-]+$/,
    'area under the curve of the confidence, real images against a source',
  ),
  {
    name: 'findings.<severity>',
    pattern: /^findings\.(high|medium|low|inconclusive)$/,
    isShare: false,
    hasBall: false,
    summary: 'findings of a severity, or those that are inconclusive',
  },
];

/** @file Confidences in steps, each with a color of its own: for maps, in which shades between two colors could not be read. */

const STEPS = [
  { name: 'below 1\u00a0%', from: 0 },
  { name: '1 to 10\u00a0%', from: 0.01 },
  { name: '10 to 50\u00a0%', from: 0.1 },
  { name: '50 to 90\u00a0%', from: 0.5 },
  { name: '90 to 99\u00a0%', from: 0.9 },
  { name: '99 to 99.99\u00a0%', from: 0.99 },
  { name: '99.99\u00a0% and more', from: 0.9999 },
] as const;

/** All steps from low to high, with the page's colors `--heat-1` to `--heat-7`. */
export const CONFIDENCE_STEPS: readonly { readonly name: string; readonly color: string }[] = STEPS.map(
  ({ name }, index) => ({ name, color: `var(--heat-${index + 1})` }),
);

/** Name of the step that a confidence in [0, 1] belongs to. */
export function confidenceStep(confidence: number): string {
  return STEPS.findLast(({ from }) => confidence >= from)?.name ?? STEPS[0].name;
}

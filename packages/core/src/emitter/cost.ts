/** @file What an emitter's own questions to the classifier cost. */

/**
 * How many evaluations the gradient of one image counts as, in every emitter and report: the forward and the backward pass, beside
 * the one forward pass of an image that is only scored. By arithmetic it is 2; measured, a gradient takes between 2.1 and 5.7
 * times as long as a score (docs/gradient-speed.md).
 */
export const GRADIENT_EVALUATIONS = 3;

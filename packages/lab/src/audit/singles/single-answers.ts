/** What stands behind a figure, image by image: two audits that asked about the same images can be compared in pairs. */
export interface SingleAnswers {
  /** Id of the figure. */
  readonly figure: string;
  /** Digest of the images, with whatever else decides what is asked: two audits with the same one were asked the same. */
  readonly asked: string;
  /**
   * One for each image, or class: of a share 1 where it counts as a hit and 0 where it does not, as many as the share was
   * counted from; of a distance the distance, infinite where none was found, and NaN where it was not looked for.
   */
  readonly values: ArrayLike<number>;
}

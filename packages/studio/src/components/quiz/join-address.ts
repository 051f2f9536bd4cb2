/** @file The address that joins the quiz of a class by itself: the page of pupils, with the code in it. */

const CODE = 'code';

/**
 * @param page where pupils open the quiz
 * @returns behind `#`, where browsers keep it to themselves
 */
export function joinAddress(page: string, code: string): string {
  return `${page}#${new URLSearchParams({ [CODE]: code })}`;
}

/** The code in the fragment of an address, `#code=ABCDEF`; `undefined` where there is none. */
export function codeIn(fragment: string): string | undefined {
  const code = new URLSearchParams(fragment.replace(/^#/, '')).get(CODE);
  return code === null || code === '' ? undefined : code;
}

/** @file Brings what has just come up into the window, where it came up outside of it: below on a narrow screen, for example. */

/** For `{@attach reveal}`. */
export function reveal(element: Element): void {
  // Once it has its size.
  requestAnimationFrame(() => {
    const { top, bottom } = element.getBoundingClientRect();
    if (top >= 0 && bottom <= innerHeight) return;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const isTall = bottom - top > innerHeight;
    element.scrollIntoView({ block: isTall ? 'start' : 'nearest', behavior: still ? 'auto' : 'smooth' });
  });
}

/** The same on narrow screens only, where the parts of a room lie below one another. */
export function revealIfNarrow(element: Element): void {
  if (matchMedia('(max-width: 900px)').matches) reveal(element);
}

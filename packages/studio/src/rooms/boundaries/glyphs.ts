/** @file The signs of the figure: circles for training points, and three that are told apart from them by their corners. */

export const KINDS = ['evolved', 'ascended', 'adversarial'] as const;
export type Kind = (typeof KINDS)[number];

const CORNERS: Readonly<Record<Kind, { readonly count: number; readonly turn: number; readonly words: string }>> = {
  evolved: { count: 3, turn: -Math.PI / 2, words: 'evolved (triangles)' },
  ascended: { count: 5, turn: -Math.PI / 2, words: 'ascended (pentagons)' },
  adversarial: { count: 4, turn: Math.PI / 4, words: 'adversarial (squares)' },
};

/** The corners of a sign around a place, as an SVG polygon has them. */
export function polygon(kind: Kind, x: number, y: number, radius: number): string {
  const { count, turn } = CORNERS[kind];
  return Array.from({ length: count }, (_, i) => {
    const angle = turn + (2 * Math.PI * i) / count;
    return `${(x + radius * Math.cos(angle)).toFixed(1)},${(y + radius * Math.sin(angle)).toFixed(1)}`;
  }).join(' ');
}

export function kindWords(kind: Kind): string {
  return CORNERS[kind].words;
}

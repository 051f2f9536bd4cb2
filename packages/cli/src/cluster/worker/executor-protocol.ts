/** @file What a process that computes units and the one that has started it say to each other. */

/** To the process. */
export type ToExecutor =
  | {
      readonly kind: 'unit';
      readonly plan: string;
      readonly key: string;
      readonly previous?: string | undefined;
      readonly elites?: string | undefined;
    }
  | { readonly kind: 'bytes'; readonly hash: string; readonly bytes: Uint8Array }
  | { readonly kind: 'missing'; readonly hash: string };

/** From the process. */
export type FromExecutor =
  | { readonly kind: 'ready' }
  | { readonly kind: 'need'; readonly hash: string }
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'done'; readonly bytes: Uint8Array; readonly last: boolean; readonly evaluations: number }
  /** `isInput` where it would be refused wherever it is tried. */
  | { readonly kind: 'failed'; readonly message: string; readonly isInput: boolean };

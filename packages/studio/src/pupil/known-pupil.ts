/** @file Who this browser was in the quiz of a class: a tab goes on after a reload, and so does a phone that scans the code again. */

/** A pupil of the quiz with this code. */
export interface KnownPupil {
  readonly code: string;
  /** The secret that stands for the pupil. */
  readonly pupil: string;
}

const KEY = 'pareidolia-pupil';

/** The pupil of this tab. */
export function pupilOfTab(): KnownPupil | undefined {
  return read(() => sessionStorage);
}

/** The pupil who joined last in this browser. */
export function pupilOfBrowser(): KnownPupil | undefined {
  return read(() => localStorage);
}

export function keepPupil(known: KnownPupil): void {
  for (const storage of [() => sessionStorage, () => localStorage]) {
    try {
      storage().setItem(KEY, JSON.stringify(known));
    } catch {
      // A browser that keeps nothing goes on until the page is left.
    }
  }
}

/** Forgets a pupil; another one who joined in another tab stays known. */
export function forgetPupil(pupil: string): void {
  for (const storage of [() => sessionStorage, () => localStorage]) {
    if (read(storage)?.pupil === pupil) storage().removeItem(KEY);
  }
}

function read(storage: () => Storage): KnownPupil | undefined {
  try {
    const { code, pupil } = JSON.parse(storage().getItem(KEY) ?? '{}') as Partial<KnownPupil>;
    return typeof code === 'string' && typeof pupil === 'string' ? { code, pupil } : undefined;
  } catch {
    return undefined;
  }
}

/** @file Results of earlier quizzes: kept by the browser, and nowhere else. */

export interface QuizResult {
  /** ISO date and time. */
  readonly date: string;
  readonly model: string;
  /** Answers that are the network's. */
  readonly right: number;
  readonly questions: number;
  /** Answers "I see nothing"; absent in results of earlier versions, which did not offer that. */
  readonly nothing?: number;
}

const KEY = 'pareidolia-quiz';

/** As many as are kept. */
const MOST = 50;

/** The newest first; none where the browser keeps nothing. */
export function readResults(): readonly QuizResult[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(list) ? (list as readonly QuizResult[]) : [];
  } catch {
    return [];
  }
}

/** @returns all results, the new one first */
export function addResult(result: QuizResult): readonly QuizResult[] {
  const results = [result, ...readResults()].slice(0, MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(results));
  } catch {
    // A browser that keeps nothing shows this one until the page is left.
  }
  return results;
}

export function forgetResults(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // There was nothing to forget.
  }
}

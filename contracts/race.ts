/**
 * How far a racing trial runs behind those it is held against: a trial begins once all have ended that come so many
 * before it. Of more under way at a time the later ones would wait.
 */
export const raceLag = 8;

/**
 * The trials that a trial of a race is held against the best of: the candidates as declared, and all that come `raceLag`
 * or more before it. They follow from its number alone, never from which trials happen to have ended.
 * @param declared how many candidates are searched: so many first trials are they, and are held against none
 */
export function rivalsOf(trial: number, declared: number): number[] {
  if (trial < declared) return [];
  return Array.from({ length: Math.max(declared, trial - raceLag + 1) }, (_, number) => number);
}

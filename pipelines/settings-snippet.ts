import { stringify } from 'yaml';
import type { Searched } from '../contracts/search.ts';

/** A settings file that gives a candidate the parameters that a search found. */
export function settingsSnippet(
  pipeline: string,
  { candidate, params, trial, selectionScore }: Searched,
): string {
  const comment = `# Trial ${trial} of a search: ${selectionScore.toPrecision(5)} out of fold.`;
  return `${comment}\n${stringify({ pipelines: { [pipeline]: { candidates: { [candidate]: { params } } } } })}`;
}

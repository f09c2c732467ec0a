import type { SparseBlock } from '../blocks.ts';
import type { DocumentTerms } from './mixture.ts';

/** ln((1 + documents) / (1 + documents with the term)) + 1 of each term, as scikit-learn smooths it. */
export function inverseFrequencies({ names, offsets, indices }: SparseBlock): Float64Array {
  const documents = offsets.length - 1;
  const found = new Float64Array(names.length);
  for (const term of indices) (found[term] as number) += 1;
  return found.map((count) => Math.log((1 + documents) / (1 + count)) + 1);
}

/** TF-IDF of one document: 1 + ln of each count, times its term's inverse frequency. */
export const weighDocument = ({ indices, values }: DocumentTerms, inverse: Float64Array): DocumentTerms => ({
  indices,
  values: values.map((count, entry) => (1 + Math.log(count)) * (inverse[indices[entry] as number] as number)),
});

/**
 * TF-IDF of all documents. Not scaled to one length, as it is for distances: a document weighs what its words weigh, or
 * short ones, which say little, would decide the topics.
 */
export const weighDocuments = (counts: SparseBlock, inverse: Float64Array): SparseBlock => ({
  ...counts,
  values: weighDocument(counts, inverse).values,
});

import { sigmoid } from '../learners/forest-model.ts';
import { softmaxInPlace } from '../probabilities.ts';

/** How the last layer's sums become answers: values, the probability of class 1, or those of all classes. */
export type Link = 'identity' | 'sigmoid' | 'softmax';

type RowSums = { values: Float64Array; start: number; outputs: number };

/** Puts answers in the place of a row's sums; returns its loss. */
export function answerRow(link: Link, { values, start, outputs }: RowSums, wanted: number): number {
  const sum = values[start] as number;
  switch (link) {
    case 'identity':
      return (sum - wanted) ** 2 / 2;
    case 'sigmoid':
      values[start] = sigmoid(sum);
      // ln(1 + eˢ) − y·s, without overflow.
      return Math.max(sum, 0) + Math.log1p(Math.exp(-Math.abs(sum))) - wanted * sum;
    case 'softmax': {
      const score = values[start + wanted] as number;
      return softmaxInPlace(values, start, outputs) - score;
    }
    default:
      return link satisfies never;
  }
}

/** Turns the last layer's sums of all rows into answers. */
export function applyLink(link: Link, values: Float64Array, outputs: number): void {
  switch (link) {
    case 'identity':
      return;
    case 'sigmoid':
      for (let i = 0; i < values.length; i++) values[i] = sigmoid(values[i] as number);
      return;
    case 'softmax':
      for (let start = 0; start < values.length; start += outputs) softmaxInPlace(values, start, outputs);
      return;
    default:
      link satisfies never;
  }
}

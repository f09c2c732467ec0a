import type { Collector } from '../../contracts/collector.ts';
import { PageUnlike } from '../errors.ts';
import { addressOf, type FoundReview, languageOf, ratingOf, textOf, timeOf } from './found-review.ts';
import { valueAt } from './json-path.ts';

type Mapping = Pick<Extract<Collector, { kind: 'api' }>, 'source' | 'reviews' | 'fields'>;

/** The reviews of an answer, by the collector's mapping. @throws PageUnlike where there is no list */
export function reviewsOfJson(
  answer: unknown,
  { source, reviews, fields }: Mapping,
  page: URL,
): FoundReview[] {
  const list = valueAt(answer, reviews);
  if (!Array.isArray(list))
    throw new PageUnlike(
      `the answer has ${list === undefined ? 'nothing' : `${typeName(list)}`} at "${reviews}", where a list of reviews was declared`,
    );
  const { rating } = fields;
  return list.map((item: unknown) => {
    const at = (path: string | undefined) => (path === undefined ? undefined : valueAt(item, path));
    return {
      source: textOf(at(fields.source)) ?? source,
      id: textOf(at(fields.id)),
      title: textOf(at(fields.title)),
      text: textOf(at(fields.text)),
      rating:
        rating === undefined
          ? undefined
          : typeof rating === 'string'
            ? ratingOf(valueAt(item, rating), { worst: 1, best: 5 })
            : ratingOf(valueAt(item, rating.at), rating),
      publishedAt: timeOf(at(fields.publishedAt)),
      author: textOf(at(fields.author)),
      url: addressOf(at(fields.url), page),
      language: languageOf(at(fields.language)),
    };
  });
}

const typeName = (value: unknown): string => (value === null ? 'null' : `a ${typeof value}`);

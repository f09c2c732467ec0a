import { addressOf, type FoundReview, languageOf, ratingOf, textOf, timeOf } from './found-review.ts';
import { isObject } from './json-path.ts';

type Node = Record<string, unknown>;

type Reading = { source: string; reviewId: 'whole' | 'last-part'; page: URL };

/** Of schema.org, `Review` and those below it that are somebody's opinion of what they have bought or used. */
const reviewTypes: ReadonlySet<string> = new Set([
  'Review',
  'UserReview',
  'CriticReview',
  'EmployerReview',
  'Recommendation',
]);

/** A page nests its nodes a few levels deep; one that is deeper was made to exhaust its reader. */
const maxDepth = 50;

/**
 * The reviews that the JSON-LD of a page has, wherever they stand: in its graph, or in what they are of. One that stands
 * in several places counts once.
 *
 * @param values of each of the page's blocks
 * @see https://schema.org/Review
 */
export function reviewsOfJsonLd(
  values: readonly unknown[],
  { source, reviewId, page }: Reading,
): FoundReview[] {
  const nodes = values.flatMap((value) => [...nodesOf(value, 0)]);
  const byId = new Map<string, Node>();
  for (const node of nodes) {
    const id = textOf(node['@id']);
    // A mere reference has nothing beside its id.
    if (id !== undefined && Object.keys(node).length > 1 && !byId.has(id)) byId.set(id, node);
  }
  const resolve = (value: unknown): unknown => {
    const first = Array.isArray(value) ? value[0] : value;
    if (!isObject(first)) return first;
    return byId.get(textOf(first['@id']) ?? '') ?? first;
  };
  const found = new Map<string, FoundReview>();
  for (const node of nodes) {
    if (!typesOf(node).some((type) => reviewTypes.has(type))) continue;
    const review = reviewOf(node, { source, reviewId, page, resolve });
    const key = review.id ?? JSON.stringify(review);
    if (!found.has(key)) found.set(key, review);
  }
  return [...found.values()];
}

function* nodesOf(value: unknown, depth: number): Generator<Node> {
  if (depth > maxDepth) return;
  if (Array.isArray(value)) for (const item of value) yield* nodesOf(item, depth + 1);
  if (!isObject(value)) return;
  yield value;
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner !== null) yield* nodesOf(inner, depth + 1);
}

function typesOf(node: Node): string[] {
  const { '@type': type } = node;
  const types = Array.isArray(type) ? type : [type];
  // `schema:Review` and `https://schema.org/Review` say the same.
  return types.flatMap((one) => (typeof one === 'string' ? [one.replace(/^.*[/#:]/, '')] : []));
}

function reviewOf(
  node: Node,
  { source, reviewId, page, resolve }: Reading & { resolve: (value: unknown) => unknown },
): FoundReview {
  const id = lastingId(node['@id']) ?? textOf(identifierOf(resolve(node.identifier))) ?? textOf(node.url);
  return {
    source,
    id: reviewId === 'last-part' ? lastPart(id) : id,
    title: textOf(node.headline) ?? textOf(node.name),
    text: textOf(node.reviewBody) ?? textOf(node.description) ?? textOf(node.text),
    rating: ratingOfNode(resolve(node.reviewRating)),
    publishedAt: timeOf(node.datePublished) ?? timeOf(node.dateCreated),
    author: nameOf(resolve(node.author)),
    url: addressOf(node.url, page),
    language: languageOf(languageName(resolve(node.inLanguage))),
  };
}

/** Labels that a page gives for itself alone mean another review on the next (JSON-LD 1.1, 3.5). */
const lastingId = (value: unknown): string | undefined => {
  const id = textOf(value);
  return id === undefined || /^(?:_:|#)/.test(id) ? undefined : id;
};

const identifierOf = (value: unknown): unknown => (isObject(value) ? value.value : value);

const lastPart = (id: string | undefined): string | undefined =>
  textOf(id?.replace(/\/+$/, '').split('/').at(-1));

/** On a scale of 1 to 5 where the rating names no other (schema.org/Rating). */
function ratingOfNode(value: unknown): FoundReview['rating'] {
  if (!isObject(value)) return ratingOf(value, { worst: 1, best: 5 });
  const bound = (given: unknown, otherwise: number): number => {
    const text = textOf(given);
    return text === undefined || !Number.isFinite(Number(text)) ? otherwise : Number(text);
  };
  return ratingOf(value.ratingValue, {
    worst: bound(value.worstRating, 1),
    best: bound(value.bestRating, 5),
  });
}

const nameOf = (value: unknown): string | undefined => textOf(isObject(value) ? value.name : value);

const languageName = (value: unknown): unknown =>
  isObject(value) ? (value.alternateName ?? value.name) : value;

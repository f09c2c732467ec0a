import { describe, expect, test } from 'vitest';
import { readHtml } from '../../../data/collect/html-page.ts';
import { reviewsOfJsonLd } from '../../../data/collect/json-ld.ts';
import { textOfPage } from '../../../data/collect/page-text.ts';

const page = new URL('https://shop.example/reviews');
const reviewsOf = (...values: unknown[]) =>
  reviewsOfJsonLd(values, { source: 'shop', reviewId: 'whole', page });
const block = (text: string) => `<script type="application/ld+json">${text}</script>`;

describe('reviews in JSON-LD', () => {
  test('are found in a list, in a graph and in what they are of, and each once', () => {
    const review = (id: string) => ({
      '@type': 'Review',
      '@id': `https://shop.example/#${id}`,
      reviewBody: id,
    });
    const found = reviewsOf(
      [review('a')],
      {
        '@graph': [
          review('b'),
          { '@type': 'Product', review: [review('c'), { '@id': 'https://shop.example/#b' }] },
        ],
      },
      { '@type': 'Product', review: review('a') },
    );
    expect(found.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
  });

  test('have their fields from wherever the vocabulary lets them stand', () => {
    const [found] = reviewsOf({
      '@graph': [
        { '@id': '#anna', '@type': 'Person', name: 'Anna' },
        {
          '@type': ['http://schema.org/UserReview'],
          identifier: { '@type': 'PropertyValue', value: 17 },
          name: ' Fine ',
          description: 'Works.',
          reviewRating: { ratingValue: '9', bestRating: '10', worstRating: 0 },
          author: [{ '@id': '#anna' }, { name: 'Ben' }],
          datePublished: '2026-01-31',
          inLanguage: { '@type': 'Language', alternateName: 'de' },
        },
      ],
    });
    expect(found).toEqual({
      source: 'shop',
      id: '17',
      title: 'Fine',
      text: 'Works.',
      rating: 5,
      publishedAt: '2026-01-31',
      author: 'Anna',
      url: undefined,
      language: 'de',
    });
  });

  test.each([
    [{ ratingValue: '4' }, 4],
    [{ ratingValue: '3,5' }, 4],
    [{ ratingValue: 80, bestRating: 100, worstRating: 0 }, 4],
    [{ ratingValue: 1, bestRating: 10 }, 1],
    [5, 5],
    [{ ratingValue: 'five' }, 'five'],
    [{ ratingValue: 7 }, 7],
    [{}, undefined],
  ])('a rating of %j counts as %s on the scale of 1 to 5', (reviewRating, expected) => {
    expect(reviewsOf({ '@type': 'Review', reviewRating })[0]?.rating).toBe(expected);
  });

  test.each([
    ['2026-01-31', '2026-01-31'],
    ['2026-01-31T08:15', '2026-01-31T08:15:00Z'],
    ['2026-01-31 08:15:30,5', '2026-01-31T08:15:30.5Z'],
    ['2026-01-31T08:15:30+0100', '2026-01-31T08:15:30+01:00'],
    ['2026-01-31T08:15:30z', '2026-01-31T08:15:30Z'],
    ['last week', 'last week'],
  ])('a time written %s counts as %s', (datePublished, expected) => {
    expect(reviewsOf({ '@type': 'Review', datePublished })[0]?.publishedAt).toBe(expected);
  });

  test('an address is made whole, and what is no address or no language tag says nothing', () => {
    const review = { '@type': 'Review', url: '/r/1', inLanguage: 'pt_BR' };
    const [whole] = reviewsOf(review);
    expect([whole?.url, whole?.language]).toEqual(['https://shop.example/r/1', 'pt-BR']);
    const [none] = reviewsOf({ '@type': 'Review', url: 'javascript:void(0)', inLanguage: 'English' });
    expect([none?.url, none?.language]).toEqual([undefined, undefined]);
  });

  test('what judges claims, sums ratings up or nests without end is no review', () => {
    let deep: unknown = { '@type': 'Review', reviewBody: 'too deep' };
    for (let i = 0; i < 1_000; i++) deep = { part: deep };
    expect(
      reviewsOf({ '@type': 'ClaimReview' }, { '@type': 'AggregateRating', ratingValue: 5 }, deep),
    ).toEqual([]);
  });

  test('a label that the page gives for itself alone is no id', () => {
    const found = reviewsOf(
      { '@type': 'Review', '@id': '_:b0' },
      { '@type': 'Review', '@id': '#r1', reviewBody: 'x' },
    );
    expect(found.map(({ id }) => id)).toEqual([undefined, undefined]);
  });

  test('an id may be what follows the last slash', () => {
    const value = { '@type': 'Review', '@id': 'https://www.example.com/#/schema/Review/shop/65ab/' };
    const [found] = reviewsOfJsonLd([value], { source: 'shop', reviewId: 'last-part', page });
    expect(found?.id).toBe('65ab');
  });
});

describe('a web page', () => {
  test('gives its blocks, and counts those that are no JSON', () => {
    const html = [
      block('{"a":1}'),
      block('<!-- {"b":2} -->'),
      '<script>{"not":"read"}</script>',
      '<script type="Application/LD+JSON; charset=utf-8">\n//<![CDATA[\n{"c":"two\nlines"}\n//]]></script>',
      block('{"broken":'),
      block('{"tag":"</p> & &amp; <b>"}'),
    ].join('<p>');
    const { jsonLd, unreadableBlocks, isWhole } = readHtml(html);
    expect(jsonLd).toEqual([{ a: 1 }, { b: 2 }, { c: 'two lines' }, { tag: '</p> & &amp; <b>' }]);
    expect({ unreadableBlocks, isWhole }).toEqual({ unreadableBlocks: 1, isWhole: true });
  });

  test('is not whole where it breaks off in a block', () => {
    expect(readHtml('<html><script type="application/ld+json">{"a":1').isWhole).toBe(false);
    expect(readHtml(`<html>${block('{}')}<p>and so`).isWhole).toBe(true);
  });

  test('is read in the encoding that its answer or itself names', () => {
    const latin = Buffer.from('<meta charset="iso-8859-1"><p>caf\xe9', 'latin1');
    expect(textOfPage(latin, 'text/html')).toContain('café');
    expect(textOfPage(Buffer.from('café', 'utf8'), 'text/html')).toBe('café');
    expect(textOfPage(Buffer.from('caf\xe9', 'latin1'), 'text/html; charset="windows-1252"')).toBe('café');
    expect(textOfPage(Buffer.from('café', 'utf8'), 'text/html; charset=klingon')).toBe('café');
  });
});

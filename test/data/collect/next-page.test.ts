import { describe, expect, test } from 'vitest';
import { nextPage, type PageHints } from '../../../data/collect/next-page.ts';

const at = (url: string, hints: Partial<PageHints> = {}): PageHints => ({
  url: new URL(url),
  link: '',
  links: [],
  base: null,
  answer: undefined,
  ...hints,
});
const page = 'https://shop.example/reviews?sort=new';

describe('the page after this one', () => {
  test('has the next number, counted from the first', () => {
    expect(nextPage({ parameter: 'page', from: 1 }, at(page))?.href).toBe(`${page}&page=2`);
    expect(nextPage({ parameter: 'page', from: 0 }, at(page))?.href).toBe(`${page}&page=1`);
    expect(nextPage({ parameter: 'page', from: 1 }, at(`${page}&page=9`))?.href).toBe(`${page}&page=10`);
  });

  test('is that of the Link header, whatever else stands there', () => {
    const link =
      '<https://shop.example/r?a=1,2;b>; rel="last", </r?page=2>; title="a; b"; rel="next prefetch"';
    expect(nextPage({ link: 'next' }, at(page, { link }))?.href).toBe('https://shop.example/r?page=2');
    expect(nextPage({ link: 'prev' }, at(page, { link }))).toBeNull();
    expect(nextPage({ link: 'next' }, at(page, { link: '</r?page=3>; rel=next' }))?.search).toBe('?page=3');
  });

  test('is that of a link of the page, from the base that the page names', () => {
    const links = [
      { relations: ['nofollow'], href: '/no' },
      { relations: ['nofollow', 'next'], href: 'page-2.html#top' },
    ];
    expect(nextPage({ link: 'next' }, at(page, { links }))?.href).toBe('https://shop.example/page-2.html');
    expect(nextPage({ link: 'next' }, at(page, { links, base: '/en/' }))?.href).toBe(
      'https://shop.example/en/page-2.html',
    );
  });

  test('is what the answer says, as an address or as a cursor', () => {
    const answer = { meta: { after: 'x y' }, links: [{ href: '/api?page=2' }] };
    expect(nextPage({ urlAt: 'links.0.href' }, at(page, { answer }))?.href).toBe(
      'https://shop.example/api?page=2',
    );
    expect(nextPage({ cursorAt: 'meta.after', parameter: 'after' }, at(page, { answer }))?.search).toBe(
      '?sort=new&after=x+y',
    );
  });

  test('is none where the answer names none, or what is no address', () => {
    const next = { cursorAt: 'meta.after', parameter: 'after' };
    expect(nextPage(next, at(page, { answer: { meta: { after: null } } }))).toBeNull();
    expect(nextPage({ urlAt: 'next' }, at(page, { answer: { next: 'https://' } }))).toBeNull();
    expect(nextPage(undefined, at(page))).toBeNull();
  });
});

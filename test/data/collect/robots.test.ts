import { describe, expect, test } from 'vitest';
import { parseRobots } from '../../../data/collect/robots.ts';

const allowed = (text: string, path: string) => parseRobots(text, 'perennial').allows(path);

describe('robots.txt', () => {
  test('the group of the crawler decides, else that of all, else everything is allowed', () => {
    const text = 'User-agent: *\nDisallow: /\n\nUser-agent: Perennial/2.0\nDisallow: /private\n';
    expect(allowed(text, '/reviews')).toBe(true);
    expect(allowed(text, '/private/1')).toBe(false);
    expect(parseRobots(text, 'other').allows('/reviews')).toBe(false);
    expect(allowed('User-agent: other\nDisallow: /', '/reviews')).toBe(true);
    expect(allowed('', '/reviews')).toBe(true);
  });

  test('a name is a whole one: that of a longer name is another crawler', () => {
    expect(allowed('User-agent: perennial-plants\nDisallow: /', '/reviews')).toBe(true);
  });

  test('several names share the rules below them, and several groups of a crawler count as one', () => {
    const text =
      'User-agent: a\nUser-agent: perennial\nDisallow: /a\n\nUser-agent: b\nDisallow: /b\n\nUser-agent: perennial\nDisallow: /c';
    expect(['/a', '/b', '/c'].map((path) => allowed(text, path))).toEqual([false, true, false]);
  });

  test('the longest rule decides, and of equals the one that allows', () => {
    const text = 'User-agent: *\nDisallow: /shop\nAllow: /shop/reviews\nDisallow: /page\nAllow: /page';
    expect(allowed(text, '/shop/cart')).toBe(false);
    expect(allowed(text, '/shop/reviews?page=2')).toBe(true);
    expect(allowed(text, '/page')).toBe(true);
  });

  test.each([
    ['/fish', '/fish.html', false],
    ['/fish', '/Fish', true],
    ['/fish*', '/fishheads/yummy', false],
    ['/*.php', '/folder/index.php?x=1', false],
    ['/*.php$', '/folder/index.php', false],
    ['/*.php$', '/folder/index.php?x=1', true],
    ['/*.php$', '/.php.php', false],
    ['/fish$', '/fish', false],
    ['/fish$', '/fishes', true],
    ['/a*b*c', '/axxbyyc', false],
    ['/a*b*c', '/axxcyyb', true],
    ['/*?sort=', '/reviews?sort=recency', false],
    ['/ü', '/%C3%BC', false],
    ['/%7Ename', '/~name', false],
    ['/a%2fb', '/a/b', true],
    ['', '/', true],
  ])('"%s" and %s: allowed is %s', (rule, path, expected) => {
    expect(allowed(`User-agent: *\nDisallow: ${rule}`, path)).toBe(expected);
  });

  test('comments, blanks, capitals, other lines and any kind of line end are passed over', () => {
    const text =
      '\ufeff# ours\rSitemap: https://example.com/map.xml\r\nUSER-AGENT : perennial # us\n\nhost: x\n disallow:/private # no\n';
    expect(allowed(text, '/private')).toBe(false);
    expect(allowed(text, '/')).toBe(true);
  });

  test('a pattern made to be slow takes no longer than others', () => {
    const pattern = `/${'*a'.repeat(2_000)}b`;
    const startedMs = performance.now();
    expect(allowed(`User-agent: *\nDisallow: ${pattern}`, `/${'a'.repeat(20_000)}`)).toBe(true);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  test('the longest delay of the crawler is kept, up to an hour', () => {
    const delayOf = (text: string) => parseRobots(text, 'perennial').crawlDelayMs;
    expect(delayOf('User-agent: *\nCrawl-delay: 2.5')).toBe(2_500);
    expect(delayOf('User-agent: *\nCrawl-delay: 99999')).toBe(3_600_000);
    expect(delayOf('User-agent: *\nCrawl-delay: soon')).toBeNull();
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findCollector, readCollectors, shapeOf } from '../../collectors/load-collectors.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'perennial-collectors-'));
  mkdirSync(join(home, 'collectors'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const read = () => readCollectors({ ownCollectorsDir: join(home, 'collectors'), collectorsDir: undefined });
const declare = (name: string, text: string): string => {
  const file = join(home, 'collectors', `${name}.yaml`);
  writeFileSync(file, text);
  return file;
};
const pages = (name: string, more = ''): string =>
  `name: ${name}\ntitle: Shop\nkind: pages\nsource: shop\nstart: https://shop.example/reviews\n${more}`;

describe('the collectors', () => {
  test('that come with the installation read Trustpilot, and none begins by itself', () => {
    const { collectors, problems } = read();
    expect(problems).toEqual([]);
    const shipped = [...collectors.values()];
    expect(shipped.map(({ name }) => name)).toEqual(['trustpilot-api', 'trustpilot-back-market']);
    for (const { schedule } of shipped) expect(schedule?.paused ?? true).toBe(true);
  });

  test('are read anew whenever they are asked for, defaults included', () => {
    declare('shop', pages('shop'));
    expect(findCollector(read(), 'shop')).toMatchObject({
      paceSeconds: 5,
      next: { link: 'next' },
      headers: {},
    });
    declare('shop', pages('shop', 'paceSeconds: 60\n'));
    expect(findCollector(read(), 'shop')).toMatchObject({ paceSeconds: 60 });
  });

  test.each([
    ['reviewId: first', 'reviewId: ', 6],
    ['paceSeconds: -1', 'paceSeconds: Too small: expected number to be >=0', 6],
    ['pace: 5', 'pace: unknown key', 6],
    ['headers: { Host: x }', 'headers.Host: is set by the request itself', 6],
    [
      'headers:\n  k: { secret: DATABASE_URL }',
      "headers.k.secret: DATABASE_URL is a variable of this service's own",
      7,
    ],
    ['headers:\n  k: { secret: PERENNIAL_API_KEYS }', 'PERENNIAL_API_KEYS is a variable of', 7],
    ['schedule:\n  cron: 61 * * * *', 'schedule.cron: minute "61": "61" is no number from 0 to 59', 7],
    ['next: { parameter: "a b" }', 'next.parameter: must be the name of a query parameter', 6],
  ])('with the mistake %j are told with file, line and key', (lines, message, at) => {
    const file = declare('shop', pages('shop', `${lines}\n`));
    const { collectors, problems } = read();
    expect(collectors.has('shop')).toBe(false);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(message);
    expect(problems[0]?.startsWith(`${file}:${at}:`)).toBe(true);
    expect(() => findCollector(read(), 'shop')).toThrow(message);
  });

  test('ask nothing but by https, and with no user name', () => {
    const of = (start: string) => {
      declare('shop', pages('shop').replace('https://shop.example/reviews', start));
      return read().problems.join();
    };
    expect(of('http://shop.example')).toContain('start: must begin with https://: nothing else is asked');
    expect(of('https://me:secret@shop.example')).toContain(
      'start: a user name or password would be recorded',
    );
    expect(of('https://me:secret@shop.example')).not.toContain('secret@');
  });

  test('one that cannot be read keeps no other from being used', () => {
    declare('broken', 'name: [');
    declare('shop', pages('shop'));
    const { collectors, problems } = read();
    expect(collectors.has('shop')).toBe(true);
    expect(problems.length).toBeGreaterThan(0);
    expect(() => findCollector(read(), 'other')).toThrow(/no collector is named "other"; there are: .*shop/);
  });

  test('are named as their files', () => {
    const file = declare('shop', pages('store'));
    expect(read().problems).toEqual([`${file}:1:1: name: "store" stands in a file called "shop.yaml"`]);
  });

  test('read the same as long as what they read and how is the same', () => {
    const shape = (more: string) => {
      declare('shop', pages('shop', more));
      return shapeOf(findCollector(read(), 'shop'));
    };
    const plain = shape('');
    expect(shape('paceSeconds: 60\nmaxPages: 3\nschedule: { cron: 0 4 * * * }\n')).toBe(plain);
    expect(shape('reviewId: last-part\n')).not.toBe(plain);
  });
});

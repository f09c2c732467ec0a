import { DrizzleQueryError } from 'drizzle-orm/errors';
import { expect, test } from 'vitest';
import { describeError } from '../../config/logger.ts';

test('a failed statement is logged without its parameters', () => {
  const cause = Object.assign(new Error('invalid input syntax for type uuid'), { code: '22P02' });
  const described = describeError(new DrizzleQueryError('insert into t values ($1)', ['Ana Souza'], cause));
  expect(described).toMatchObject({
    message: 'invalid input syntax for type uuid',
    code: '22P02',
    statement: 'insert into t values ($1)',
  });
  expect(JSON.stringify(described)).not.toContain('Ana Souza');
});

test('any other error is logged with its message, stack and cause', () => {
  const described = describeError(new Error('outer', { cause: new Error('inner') }));
  expect(described).toMatchObject({ message: 'outer: inner', stack: expect.stringContaining('outer') });
});

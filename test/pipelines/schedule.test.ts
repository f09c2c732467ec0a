import { expect, test } from 'vitest';
import { cronSchema } from '../../contracts/schedule.ts';

test.each([
  '0 4 * * 1',
  '*/15 0-6,22 1-7 jan-mar MON-fri',
  '0 4 * * 7',
  '5/10 4 * Sept sunday',
  '0 4 * * 1 2026-2030',
  '30 0 4 29 feb * *',
  '0 4 31 2-12/5 *',
  '0 4 1,31 2 *',
])('takes the cron expression "%s"', (cron) => {
  expect(cronSchema.safeParse(cron).error).toBeUndefined();
});

test.each([
  ['99 * * * *', 'minute "99": "99" is no number from 0 to 59'],
  ['0 24 * * *', 'hour "24": "24" is no number from 0 to 23'],
  ['0 4 0 * *', 'day of month "0": "0" is no number from 1 to 31'],
  ['0 4 * ja *', 'month "ja": "ja" is no number from 1 to 12 and no name such as jan'],
  ['0 4 * * 8', 'day of week "8": "8" is no number from 0 to 7 and no name such as su'],
  ['0 4 * * fri-mon', 'day of week "fri-mon": the range "fri-mon" ends before it begins'],
  ['0 4 * * 1-3-5', 'day of week "1-3-5": "1-3-5" is no range such as 0-7'],
  ['*/0 4 * * *', 'minute "*/0": "*/0" needs one step, a whole number from 1'],
  ['*/5/2 4 * * *', 'minute "*/5/2": "*/5/2" needs one step, a whole number from 1'],
  ['0, 4 * * *', 'minute "0,": "" is no number from 0 to 59'],
  ['0 4 * * 1 1999', 'year "1999": "1999" is no number from 2000 to 2100'],
  ['60 0 4 * * 1 2026', 'second "60": "60" is no number from 0 to 59'],
  ['0 4 L * *', 'day of month "L": "L" is no number from 1 to 31'],
  ['0 4 31 2 *', 'day of month "31" never comes in month "2"'],
  ['0 4 31 apr,jun,9/2 *', 'day of month "31" never comes in month "apr,jun,9/2"'],
  ['0 4 30/1 feb *', 'day of month "30/1" never comes in month "feb"'],
  ['0 4 * *', 'must have five to seven fields, as in "0 4 * * 1"'],
  ['@daily', 'must have five to seven fields, as in "0 4 * * 1"'],
])('refuses the cron expression "%s"', (cron, message) => {
  expect(cronSchema.safeParse(cron).error?.issues.map((issue) => issue.message)).toEqual([message]);
});

import { join } from 'node:path';
import type { Random } from '../../ml/random.ts';
import { createRandom, deriveSeed } from '../../ml/random.ts';
import { createCsvWriter } from './csv-writer.ts';
import { chance, createWeightedIndex, logistic, normal, pick } from './distributions.ts';
import type { DemoFile, DemoRequest } from './registry.ts';

/** Marketing leads in the shape of the course's `raw_data.csv`, with other months and missing ids beside. */

const columns =
  'lead_id,lead_indicator,date_part,is_active,marketing_consent,first_booking,existing_customer,last_seen,source,domain,country,visited_learn_more_before_booking,visited_faq,purchases,time_spent,customer_group,onboarding,customer_code,n_visits';

const sources = ['fb', 'organic', 'signup', 'li'] as const;
const groups = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;
/** The first day of each month, and its share: most leads are of the window that a run takes by default. */
const months = [
  { first: '2023-12-01', days: 31, share: 15 },
  { first: '2024-01-01', days: 31, share: 55 },
  { first: '2024-02-01', days: 29, share: 15 },
  { first: '2024-03-01', days: 31, share: 15 },
] as const;
const drawMonth = createWeightedIndex(months.map(({ share }) => share));
const dayMs = 86_400_000;

/** Rows between two flushes: bounds what waits in memory, and how long a stop takes to be seen. */
const rowsPerFlush = 2000;

/**
 * Writes `raw_data.csv` with `rows` leads. The same rows and seed give the same bytes.
 * @throws the reason of `signal` when it is aborted; the file is then incomplete
 */
export async function generateLeads({ rows, seed, folder, signal }: DemoRequest): Promise<DemoFile[]> {
  signal?.throwIfAborted();
  const name = 'raw_data.csv';
  const path = join(folder, name);
  const writer = await createCsvWriter(path, columns.split(','));
  const random = createRandom(deriveSeed(seed, 'leads'));
  try {
    for (let lead = 0; lead < rows; lead++) {
      if (lead % rowsPerFlush === 0) {
        signal?.throwIfAborted();
        await writer.flush();
      }
      writer.write(drawLead(random, lead));
    }
  } finally {
    await writer.close();
  }
  return [{ name, path, rows }];
}

function drawLead(random: Random, lead: number): (string | number | null)[] {
  const month = months[drawMonth(random)] ?? months[1];
  const dateMs = Date.parse(`${month.first}T00:00:00Z`) + random.below(month.days) * dayMs;
  const visits = Math.min(46, 1 + Math.floor(-8.5 * Math.log(1 - random.uniform())));
  const converted = visits > 3 && 0.33 * (visits - 8) + logistic(random) > 0;
  const date = dateText(dateMs, chance(random, 0.3));
  const firstBooking = dateText(dateMs + random.below(30) * dayMs, false);
  const lastSeen = dateText(dateMs - random.below(30) * dayMs, false);
  return [
    chance(random, 0.005) ? null : lead,
    chance(random, 0.048) ? null : Number(converted),
    date,
    random.below(2),
    String(chance(random, 0.71)),
    firstBooking,
    String(chance(random, 0.5)),
    lastSeen,
    pick(random, sources),
    pick(random, ['.dk', '.com', '.cn']),
    pick(random, ['DK', 'US', 'CN']),
    Math.floor(-4.5 * Math.log(1 - random.uniform())),
    Math.floor(-4.5 * Math.log(1 - random.uniform())),
    chance(random, 0.01) ? null : Math.max(0, Math.round(5 + 2.2 * normal(random))),
    chance(random, 0.01) ? null : 100 + 10 * normal(random),
    pick(random, groups),
    chance(random, 0.5) ? 'True' : 'False',
    chance(random, 0.004) ? null : code(random),
    visits,
  ];
}

/** `2024-01-09`, or without the zeros as `2024-1-9`. */
function dateText(atMs: number, isUnpadded: boolean): string {
  const text = new Date(atMs).toISOString().slice(0, 10);
  return isUnpadded ? text.replaceAll('-0', '-') : text;
}

/** Ten capitals: an identifier, whatever a model would find in it. */
const code = (random: Random): string =>
  String.fromCharCode(...Array.from({ length: 10 }, () => 65 + random.below(26)));

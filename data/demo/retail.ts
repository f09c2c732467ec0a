import { join } from 'node:path';
import { createRandom, deriveSeed, type Random } from '../../ml/random.ts';
import { createCsvWriter } from './csv-writer.ts';
import { chance, logNormal, normal, pick, roundTo } from './distributions.ts';
import type { DemoFile, DemoRequest } from './registry.ts';
import { type Article, createArticles } from './retail-articles.ts';

/** A demo wholesaler in the shape of the UCI Online Retail lines. */

const file = 'online_retail.csv';
const header = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
];

/** How customers of a kind buy; medians of log-normal draws. */
type Kind = {
  invoices: number;
  linesAnInvoice: number;
  quantity: number;
  /** Since the last purchase. */
  quietDays: number;
};
const ordinary: Kind = { invoices: 3, linesAnInvoice: 5, quantity: 6, quietDays: 35 };
const lapsed: Kind = { invoices: 1.3, linesAnInvoice: 4, quantity: 5, quietDays: 240 };
const loyal: Kind = { invoices: 18, linesAnInvoice: 6, quantity: 14, quietDays: 10 };
const keyAccount: Kind = { invoices: 45, linesAnInvoice: 5, quantity: 130, quietDays: 3 };

type Invoice = { atMs: number; customer: number | null; country: string; quantity: number; lines: number };

const [firstCustomer, firstInvoice] = [20_001, 600_001];
const endMs = Date.UTC(2026, 5, 30, 18);
const periodDays = 365;
const dayMs = 86_400_000;
const countries = [
  'United Kingdom',
  'United Kingdom',
  'United Kingdom',
  'Germany',
  'France',
  'EIRE',
] as const;
const shares = { withoutCustomer: 0.08, cancelled: 0.02, free: 0.003 } as const;
const rowsPerFlush = 2000;

/**
 * Writes one file with `rows` lines in the order of time, cancellations, lines without customer and gifts among them.
 * The same rows and seed give the same bytes.
 * @throws the reason of `signal` when it is aborted; the file is then incomplete
 */
export async function generateRetail({ rows, seed, folder, signal }: DemoRequest): Promise<DemoFile[]> {
  signal?.throwIfAborted();
  const articles = createArticles(createRandom(deriveSeed(seed, 'articles')));
  const invoices = drawInvoices(createRandom(deriveSeed(seed, 'customers')), rows);
  const random = createRandom(deriveSeed(seed, 'lines'));
  const path = join(folder, file);
  const writer = await createCsvWriter(path, header);
  let written = 0;
  try {
    for (const [place, invoice] of invoices.entries()) {
      for (let line = 0; line < invoice.lines; line++) {
        if (written % rowsPerFlush === 0) {
          signal?.throwIfAborted();
          await writer.flush();
        }
        writer.write(lineCells({ invoice, number: firstInvoice + place, articles }, random));
        written += 1;
      }
    }
  } finally {
    await writer.close();
  }
  return [{ name: file, path, rows: written }];
}

/** Of customer after customer until there are `rows` lines; the shares of the kinds hold however few there are. */
function drawInvoices(random: Random, rows: number): Invoice[] {
  const invoices: Invoice[] = [];
  let lines = 0;
  for (let customer = 0; lines < rows; customer++) {
    const kind = kindOf(customer);
    const country = pick(random, countries);
    const count = Math.max(1, Math.round(logNormal(random, kind.invoices, 0.5)));
    const quiet = Math.min(periodDays - 1, logNormal(random, kind.quietDays, 0.5));
    for (let nth = 0; nth < count && lines < rows; nth++) {
      const daysAgo = nth === 0 ? quiet : quiet + random.uniform() * (periodDays - quiet);
      const wanted = Math.max(1, Math.round(logNormal(random, kind.linesAnInvoice, 0.5)));
      const own = Math.min(wanted, rows - lines);
      lines += own;
      invoices.push({
        atMs: endMs - Math.round(daysAgo * dayMs),
        customer: chance(random, shares.withoutCustomer) ? null : firstCustomer + customer,
        country,
        quantity: kind.quantity,
        lines: own,
      });
    }
  }
  return invoices.sort((a, b) => a.atMs - b.atMs);
}

function kindOf(customer: number): Kind {
  if (customer % 150 === 20) return keyAccount;
  if (customer % 16 === 5) return loyal;
  return customer % 4 === 2 ? lapsed : ordinary;
}

function lineCells(
  {
    invoice,
    number,
    articles,
  }: { invoice: Invoice; number: number; articles: readonly [Article, ...Article[]] },
  random: Random,
): (string | number | null)[] {
  const article = pick(random, articles);
  const quantity = Math.max(1, Math.round(invoice.quantity * Math.exp(0.6 * normal(random))));
  const cancelled = chance(random, shares.cancelled);
  const free = chance(random, shares.free);
  return [
    cancelled ? `C${number}` : String(number),
    article.code,
    free ? null : article.description,
    cancelled ? -quantity : quantity,
    timeText(invoice.atMs),
    free ? 0 : roundTo(article.price, 2),
    invoice.customer,
    invoice.country,
  ];
}

/** `12/1/2010 8:26`, as a spreadsheet in the United States writes it. */
function timeText(atMs: number): string {
  const at = new Date(atMs);
  const minutes = String(at.getUTCMinutes()).padStart(2, '0');
  return `${at.getUTCMonth() + 1}/${at.getUTCDate()}/${at.getUTCFullYear()} ${at.getUTCHours()}:${minutes}`;
}

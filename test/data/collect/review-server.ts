import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createPageFetcher, fetchLimits } from '../../../data/collect/fetch-page.ts';
import { createPageReader, type PageReader } from '../../../data/collect/read-page.ts';
import { refusalOfAddress } from '../../../data/https/public-address.ts';
import { createPublicConnection } from '../../../data/https/public-connection.ts';
import { selfSigned } from '../https/certificate.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export type ReviewServer = {
  origin: string;
  /** By path and query; else by path alone; else 404. Looked up at each request. */
  answers: Map<string, Answer>;
  /** Path and query of what was asked, in order. */
  requests: string[];
  /** Reads from it as a worker does: this server's address counts as public, all others as they are. */
  createReader(options?: {
    secrets?: Readonly<Record<string, string>>;
    hosts?: readonly string[];
    nowMs?: () => number;
    limits?: Partial<typeof fetchLimits>;
  }): PageReader;
  close(): Promise<void>;
};

export async function startReviewServer(host = 'reviews.example'): Promise<ReviewServer> {
  const certificate = selfSigned([host, 'other.example']);
  const answers: ReviewServer['answers'] = new Map();
  const requests: string[] = [];
  const listener: RequestListener = (request, response) => {
    const { url = '' } = request;
    requests.push(url);
    const answer = answers.get(url) ?? answers.get(url.replace(/\?.*$/, ''));
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response);
  };
  const server = createServer(certificate, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `https://${host}:${port}`,
    answers,
    requests,
    createReader({ secrets = {}, hosts = [`${host}:${port}`], nowMs = Date.now, limits } = {}) {
      const bounds = { ...fetchLimits, ...limits };
      const connection = createPublicConnection({
        hosts,
        resolve: async (name) => [
          { address: name === 'inside.example' ? '10.0.0.7' : '127.0.0.1', family: 4 },
        ],
        refuse: (address) => (address === '127.0.0.1' ? null : refusalOfAddress(address)),
        ca: certificate.cert,
        idleMs: bounds.idleMs,
      });
      return createPageReader({
        fetcher: createPageFetcher({ connection, nowMs, limits: bounds }),
        secretOf: (name) => secrets[name],
        nowMs,
      });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const sends =
  (body: string, headers: Record<string, string> = {}, status = 200): Answer =>
  (_, response) => {
    response.writeHead(status, headers).end(body);
  };

export type PageReview = { id: string; stars?: number; headline?: string; body?: string; published?: string };

/**
 * A page of a company's reviews in the shape that Trustpilot's have: one graph, whose company and list only refer to the
 * reviews beside them.
 */
export function trustpilotPage(
  reviews: readonly PageReview[],
  { company = 'www.backmarket.com', next }: { company?: string; next?: string } = {},
): string {
  const base = 'https://www.trustpilot.com/#/schema';
  const reference = ({ id }: PageReview) => ({ '@id': `${base}/Review/${company}/${id}` });
  const graph = [
    { '@id': `${base}/Organization/1`, '@type': 'Organization', name: 'Trustpilot' },
    {
      '@id': `${base}/LocalBusiness/${company}`,
      '@type': 'LocalBusiness',
      name: company,
      aggregateRating: { '@type': 'AggregateRating', ratingValue: '4.4', bestRating: '5', reviewCount: '9' },
      review: reviews.map(reference),
    },
    { '@type': 'ItemList', itemListElement: reviews.map((item) => ({ item: reference(item) })) },
    ...reviews.map((review) => ({
      '@type': 'Review',
      ...reference(review),
      itemReviewed: { '@id': `${base}/LocalBusiness/${company}` },
      author: {
        '@type': 'Person',
        name: `Customer ${review.id}`,
        url: `https://www.trustpilot.com/users/${review.id}`,
      },
      datePublished: review.published ?? '2026-05-04T07:08:09.000Z',
      headline: review.headline ?? 'As new',
      reviewBody: review.body ?? `The phone of order ${review.id} works <b>well</b> & arrived early.`,
      reviewRating: {
        '@type': 'Rating',
        bestRating: '5',
        worstRating: '1',
        ratingValue: String(review.stars ?? 5),
      },
      publisher: { '@id': `${base}/Organization/1` },
      inLanguage: 'en',
    })),
  ];
  const data = JSON.stringify({ '@context': 'https://schema.org', '@graph': graph }).replaceAll(
    '<',
    '\\u003c',
  );
  return `<!doctype html><html lang="en"><head><title>${company} Reviews</title>
    ${next === undefined ? '' : `<link rel="next" href="${next}">`}
    <script type="application/ld+json" data-business-unit-json-ld="true">${data}</script>
    </head><body><main>${reviews.map(({ body = '' }) => `<article>${body}</article>`).join('')}</main></body></html>`;
}

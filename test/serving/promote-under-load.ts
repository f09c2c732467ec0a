import { asc, eq } from 'drizzle-orm';
import { deployments } from '../../db/schema/deployments.ts';
import { waitUntil } from '../../local/processes.ts';
import { fitModel, promote, registerModel } from '../api/models.ts';
import { createTestService } from '../workflows/test-service.ts';
import { type AliasChange, wasInProduction, watchAlias } from './alias-watch.ts';
import { startApi, waitUntilServed } from './api-process.ts';
import { countBy, type Outcome, startLoad } from './load.ts';
import { valuation } from './valuation.ts';

const slopes = [2, 3] as const;

export type PromotionsUnderLoad = {
  outcomes: readonly Outcome[];
  counts: Record<string, number>;
  /** Of the alias, as a reader of the database saw it. */
  changes: readonly AliasChange[];
  /** Versions that the ledger brought into production, in order. */
  ledger: readonly number[];
  /** Answers of a version that was in production at no moment of their request. */
  untimely: readonly Outcome[];
  /** Answers whose value is another version's. */
  misnamed: readonly Outcome[];
  slowestPromotionMs: number;
};

/** Two APIs and a worker on one database; two versions are promoted in turns, as a person does it, under load. */
export async function promoteUnderLoad(options: {
  promotions: number;
  connections: number;
}): Promise<PromotionsUnderLoad> {
  const service = await createTestService();
  const { db } = service.database;
  const apis = await Promise.all([startApi(service.apiOptions), startApi(service.apiOptions)]);
  try {
    await service.startWorker();
    for (const slope of slopes) await registerModel(db, valuation, fitModel(valuation, slope));
    await promote(db, valuation.name, 1, null);
    await Promise.all(apis.map((api) => waitUntilServed(api, valuation.name, 1)));

    const alias = watchAlias(db, valuation.name);
    const load = startLoad({ urls: apis.map(({ url }) => url), connections: options.connections });
    let slowestPromotionMs = 0;
    for (let n = 0; n < options.promotions; n++) {
      const beganMs = performance.now();
      await promoteByApi(apis[n % apis.length]?.url ?? '', {
        version: 2 - (n % 2),
        requestId: `promotion-${n}`,
      });
      slowestPromotionMs = Math.max(slowestPromotionMs, performance.now() - beganMs);
      await waitForAnswers(load.outcomes, options.connections);
    }
    const outcomes = await load.stop();
    const changes = await alias.stop();
    const ledger = await db
      .select({ version: deployments.toVersion })
      .from(deployments)
      .where(eq(deployments.pipeline, valuation.name))
      .orderBy(asc(deployments.id));
    return {
      outcomes,
      counts: countBy(outcomes),
      changes,
      ledger: ledger.map(({ version }) => version),
      untimely: outcomes.filter((one) => one.kind === 'predicted' && !wasInProduction(changes, one)),
      misnamed: outcomes.filter(
        (one) => one.kind === 'predicted' && Math.round(one.value / one.area) !== slopes[one.version - 1],
      ),
      slowestPromotionMs,
    };
  } finally {
    await Promise.all(apis.map((api) => api.stop()));
    await service.close();
  }
}

/** Asks for the promotion, and waits until the ledger has it. */
async function promoteByApi(url: string, to: { version: number; requestId: string }): Promise<void> {
  const { version, requestId } = to;
  const ask = () =>
    fetch(`${url}/api/v1/models/valuation/versions/${version}/promote`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': requestId },
      body: '{}',
    });
  // The workflow of the promotion before ends a little after its ledger row is written.
  await waitUntil(async () => (await ask()).status === 202 || undefined, {
    withinMs: 20_000,
    what: `${requestId} to be taken`,
  });
  await waitUntil(
    async () => {
      const answer = await fetch(`${url}/api/v1/models/valuation/ledger?requestId=${requestId}`);
      const { items } = (await answer.json()) as { items: unknown[] };
      return items.length === 1 || undefined;
    },
    { withinMs: 30_000, what: `${requestId} to be in the ledger`, everyMs: 10 },
  );
}

/** Every connection has asked anew since the promotion. */
async function waitForAnswers(outcomes: readonly Outcome[], connections: number): Promise<void> {
  const before = outcomes.length;
  await waitUntil(() => outcomes.length >= before + 2 * connections || undefined, {
    withinMs: 20_000,
    what: 'the load to go on',
    everyMs: 5,
  });
}

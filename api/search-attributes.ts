import { Connection } from '@temporalio/client';
import { searchAttributes } from '../contracts/search-attributes.ts';
import type { TemporalGateway } from './temporal.ts';

/** Numbers of Temporal's `IndexedValueType`. */
const indexedTypes = { KEYWORD: 2, INT: 3 } as const;

/** Registers what is missing: an unknown attribute refuses every start. */
export async function ensureSearchAttributes(temporal: TemporalGateway): Promise<void> {
  await temporal.call(async (client) => {
    const { connection } = client;
    if (!(connection instanceof Connection)) return;
    const service = connection.operatorService;
    const known = await service.listSearchAttributes({ namespace: temporal.namespace });
    const missing = Object.values(searchAttributes).filter(({ name }) => !(name in known.customAttributes));
    if (missing.length === 0) return;
    await service.addSearchAttributes({
      namespace: temporal.namespace,
      searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, indexedTypes[type]])),
    });
  });
}

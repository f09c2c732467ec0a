export type DatabaseFault = 'unavailable' | 'data' | 'schema-missing' | 'other';

/** Connection codes of postgres.js and of Node's sockets. */
const connectionCodes: ReadonlySet<string> = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
]);

/**
 * What an error of the database means for who asked; null when it is none of the database's. SQLSTATE classes:
 * 08 connection, 25006 read only (after a failover), 40 conflict of transactions, 53 resources, 55P03 lock, 57
 * cancelled or shut down; 22 data, 23 constraint, 54 too large.
 */
export function databaseFault(error: unknown): DatabaseFault | null {
  const code = codeOf(error);
  if (code === null) return null;
  if (connectionCodes.has(code) || /^(?:08|25006|40|53|55P03|57)/.test(code)) return 'unavailable';
  if (code === '42P01' || code === '3F000' || code === '42703') return 'schema-missing';
  if (/^(?:22|23|54)/.test(code)) return 'data';
  return /^[0-9A-Z]{5}$/.test(code) ? 'other' : null;
}

/** For people: what is the matter, not which statement met it. */
export function describeFault(error: unknown): string {
  switch (databaseFault(error)) {
    case 'unavailable':
      return `the database cannot be used now (${codeOf(error)})`;
    case 'schema-missing':
      return 'the schema is missing: run the migrations';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** Drizzle wraps the driver's error; several failed addresses come as one AggregateError. */
function codeOf(error: unknown): string | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    if (at instanceof AggregateError) return codeOf(at.errors[0]);
  }
  return null;
}

import { Connection, isGrpcServiceError } from '@temporalio/client';
import postgres from 'postgres';
import { type Config, ConfigError } from '../config/config.ts';
import { temporalConnectionOptions } from '../config/temporal.ts';
import { withoutPassword } from './table.ts';

const answerWithinMs = 10_000;

/** @throws ConfigError when the PostgreSQL of DATABASE_URL refuses, or has no such database. */
export async function requireDatabase(url: string): Promise<void> {
  const sql = postgres(url, {
    max: 1,
    connect_timeout: answerWithinMs / 1000,
    onnotice: () => undefined,
  });
  try {
    await sql`select 1`;
  } catch (error) {
    throw new ConfigError(
      `DATABASE_URL names ${withoutPassword(url)}, which cannot be used: ${reason(error)}.`,
    );
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** grpc's status of a caller who may use the namespace, but not ask what it is. */
const permissionDenied = 7;

/**
 * The worker waits for Temporal as long as it takes; a mistyped address would be waited for in silence.
 * @throws ConfigError when it does not answer in time, or has no such namespace
 */
export async function requireTemporal(config: Config, withinMs = answerWithinMs): Promise<void> {
  const { namespace, connectionOptions } = temporalConnectionOptions(config);
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ ...connectionOptions, connectTimeout: withinMs });
    const { workflowService } = connection;
    await connection.withDeadline(Date.now() + withinMs, () =>
      workflowService.describeNamespace({ namespace }),
    );
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) === permissionDenied) return;
    throw new ConfigError(
      `Temporal at ${connectionOptions.address} with namespace ${JSON.stringify(namespace)} ` +
        `(TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE) cannot be used: ${reason(error)}.`,
    );
  } finally {
    await connection?.close();
  }
}

/** Of a host with several addresses Node says only the code. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isGrpcServiceError(error)) return error.details;
  return error.message || ('code' in error ? String(error.code) : error.name);
}

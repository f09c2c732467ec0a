import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { Config } from './config.ts';

/**
 * Options for `Connection.connect` and `NativeConnection.connect`: address, TLS and API key from the
 * TEMPORAL_* variables. A configuration file is read only when one is named (TEMPORAL_CONFIG_FILE or
 * TEMPORAL_PROFILE), so that a developer's own cloud profile is never picked up unasked.
 */
export function temporalConnectionOptions(config: Config) {
  const { variables, address, namespace } = config.temporal;
  const { connectionOptions } = loadClientConnectConfig({
    overrideEnvVars: variables,
    disableFile: !('TEMPORAL_CONFIG_FILE' in variables || 'TEMPORAL_PROFILE' in variables),
  });
  return {
    namespace,
    connectionOptions: {
      ...connectionOptions,
      address: address ?? connectionOptions.address ?? `127.0.0.1:${config.temporal.port}`,
    },
  };
}

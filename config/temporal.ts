import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { Config } from './config.ts';

const fileVariables = ['TEMPORAL_CONFIG_FILE', 'TEMPORAL_PROFILE'];

/**
 * What the TEMPORAL_* variables say. A configuration file is read only when one is named, so that a
 * developer's own cloud profile is never picked up unasked.
 */
export function loadTemporalSettings(variables: Record<string, string>) {
  return loadClientConnectConfig({
    overrideEnvVars: variables,
    disableFile: !fileVariables.some((name) => name in variables),
  });
}

/** Options for `Connection.connect` and `NativeConnection.connect`: address, TLS and API key. */
export function temporalConnectionOptions(config: Config) {
  const { variables, address, namespace, port } = config.temporal;
  const { connectionOptions } = loadTemporalSettings(variables);
  return {
    namespace,
    connectionOptions: { ...connectionOptions, address: address ?? `127.0.0.1:${port}` },
  };
}

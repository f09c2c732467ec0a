import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigError, readConfig } from '../../config/config.ts';
import { serviceLockFile } from '../../config/running-service.ts';
import { temporalConnectionOptions } from '../../config/temporal.ts';
import { tryLock } from '../../local/lock.ts';
import { createTestFolder } from './command.ts';

test.each([
  [{ PORT: '99999' }, 'PORT is "99999"; allowed: a port number from 1 to 65535.'],
  [{ PERENNIAL_DEMO: 'yes' }, 'PERENNIAL_DEMO is "yes"; allowed: on or off.'],
  [
    { LOG_LEVEL: 'loud' },
    'LOG_LEVEL is "loud"; allowed: one of trace, debug, info, warn, error, fatal, silent.',
  ],
  [{ WORKER_CPU_SLOTS: '0' }, 'WORKER_CPU_SLOTS is "0"; allowed: a number from 1 to 256.'],
  [
    { TEMPORAL_ADDRESS: 'localhost' },
    'TEMPORAL_ADDRESS is "localhost"; allowed: host:port, such as 127.0.0.1:7233.',
  ],
])('a bad value is named with its variable and what is allowed: %o', (env, message) => {
  expect(() => readConfig(env)).toThrow(new ConfigError(message));
});

test('a bad secret is refused without being shown', () => {
  expect(() => readConfig({ PERENNIAL_API_KEYS: 'hunter2' })).toThrow(
    'PERENNIAL_API_KEYS is a value not shown here; allowed: keys of at least 16 characters, separated by commas.',
  );
  expect(() => readConfig({ DATABASE_URL: 'mysql://root:hunter2@db' })).not.toThrow(/hunter2/);
  expect(() => readConfig({ DATABASE_URL: 'mysql://root:hunter2@db' })).toThrow(/DATABASE_URL/);
});

test.each(['0.0.0.0', '::', '192.168.1.10', 'perennial.example.org'])('%s needs API keys', (HOST) => {
  expect(() => readConfig({ HOST })).toThrow(/PERENNIAL_API_KEYS is not set/);
  expect(readConfig({ HOST, PERENNIAL_API_KEYS: '0123456789abcdef, fedcba9876543210' })).toMatchObject({
    host: HOST,
    apiKeys: ['0123456789abcdef', 'fedcba9876543210'],
  });
});

test('an empty variable is an absent one', () => {
  const config = readConfig({ PORT: '', PERENNIAL_HOME: '', TEMPORAL_ADDRESS: '' });
  expect(config).toMatchObject({ port: 3000, host: '127.0.0.1', home: resolve('.perennial') });
  expect(config.temporal.address).toBeUndefined();
  expect(config.portsSet.size).toBe(0);
});

test('a Temporal address with TLS and an API key reaches the connection', () => {
  const config = readConfig({
    TEMPORAL_ADDRESS: 'example.tmprl.cloud:7233',
    TEMPORAL_NAMESPACE: 'perennial.example',
    TEMPORAL_API_KEY: 'a key',
    TEMPORAL_TLS: 'true',
  });
  const { namespace, connectionOptions } = temporalConnectionOptions(config);
  expect(namespace).toBe('perennial.example');
  expect(connectionOptions).toMatchObject({
    address: 'example.tmprl.cloud:7233',
    apiKey: 'a key',
  });
  expect(connectionOptions.tls).toBeTruthy();
});

test('a Temporal address may come from a named configuration file', () => {
  const folder = createTestFolder();
  onTestFinished(() => folder.remove());
  const file = join(folder.path, 'temporal.toml');
  writeFileSync(file, '[profile.default]\naddress = "temporal.example.org:7233"\nnamespace = "shop"\n');
  expect(readConfig({ TEMPORAL_CONFIG_FILE: file }).temporal).toMatchObject({
    address: 'temporal.example.org:7233',
    namespace: 'shop',
  });
});

test('the command talks to the service that runs on its home, unless a variable says otherwise', () => {
  const folder = createTestFolder();
  onTestFinished(() => folder.remove());
  const env = { PERENNIAL_HOME: folder.path };
  const url = () => readConfig(env).client.url;
  expect(url()).toBe('http://127.0.0.1:3000');
  const lock = tryLock(serviceLockFile(folder.path));
  if (!lock.held) throw new Error('the lock is new');
  expect(url()).toBe('http://127.0.0.1:3000');
  lock.annotate('http://127.0.0.1:46485');
  expect(url()).toBe('http://127.0.0.1:46485');
  expect(readConfig({ ...env, PORT: '4000' }).client.url).toBe('http://127.0.0.1:4000');
  expect(readConfig({ ...env, PERENNIAL_URL: 'http://10.0.0.7:80' }).client.url).toBe('http://10.0.0.7:80');
  lock.release();
  expect(url()).toBe('http://127.0.0.1:3000');
});

test('hosts of sources are names with at most a port, in lower case, and 443 goes without saying', () => {
  expect(readConfig({}).sourceHosts).toEqual([]);
  expect(
    readConfig({ SOURCE_HOSTS: 'Data.example:443, other.example:8443,[2606:4700::1]' }).sourceHosts,
  ).toEqual(['data.example', 'other.example:8443', '[2606:4700::1]']);
  for (const host of ['https://data.example', '*.example', 'data.example/path'])
    expect(() => readConfig({ SOURCE_HOSTS: host })).toThrow(
      `SOURCE_HOSTS is "${host}"; allowed: host names`,
    );
});

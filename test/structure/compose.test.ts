import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readConfig } from '../../config/config.ts';
import { root } from './source-files.ts';

/** The part of the compose specification that the file uses: any other key is an error. */
const serviceSchema = z.strictObject({
  image: z.string().regex(/^[a-z0-9/-]+(:[A-Za-z0-9._-]+)?$/),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  restart: z.string().regex(/^(unless-stopped|on-failure:\d+)$/),
  stop_grace_period: z.string().optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string().regex(/^[a-z-]+:\/\S+$/)).default([]),
  networks: z.array(z.string()).default([]),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({ condition: z.enum(['service_healthy', 'service_completed_successfully']) }),
    )
    .default({}),
  healthcheck: z
    .strictObject({
      test: z.array(z.string()).min(2),
      interval: z.string(),
      timeout: z.string(),
      retries: z.int(),
      start_period: z.string().optional(),
    })
    .optional(),
});
const composeSchema = z.object({
  name: z.string(),
  services: z.record(z.string(), serviceSchema),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean().optional() }).nullable()),
  volumes: z.record(z.string(), z.null()),
});

const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const compose = composeSchema.parse(parse(text, { merge: true }));
const services = Object.entries(compose.services);
const ours = services.filter(([, service]) => service.image === 'perennial');

describe('docker-compose.yml', () => {
  it('has every part of the service', () => {
    expect(Object.keys(compose.services).sort()).toEqual([
      'api',
      'migrations',
      'postgres',
      'redis',
      'temporal',
      'temporal-postgres',
      'temporal-ui',
      'worker',
    ]);
  });

  it('waits for what has a health check, or for a job that ends', () => {
    for (const [name, service] of services) {
      for (const [other, { condition }] of Object.entries(service.depends_on)) {
        const target = compose.services[other];
        expect(target, `${name} depends on ${other}`).toBeDefined();
        if (condition === 'service_healthy') expect(target?.healthcheck, other).toBeDefined();
        else expect(target?.restart, other).toMatch(/^on-failure/);
      }
    }
  });

  it('watches every service that stays', () => {
    const unwatched = services.filter(
      ([, service]) => service.restart === 'unless-stopped' && service.healthcheck === undefined,
    );
    expect(unwatched.map(([name]) => name)).toEqual([]);
  });

  it('publishes on loopback only, and neither a database nor Temporal itself', () => {
    const published = services.flatMap(([name, { ports }]) => ports.map((port) => ({ name, port })));
    expect(published.map(({ name }) => name).sort()).toEqual(['api', 'temporal-ui']);
    for (const { port } of published) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('takes every secret from outside and refuses to start without it', () => {
    const interpolated = [...text.matchAll(/\$\{([^}]*)\}/g)].map((match) => match[1] ?? '');
    expect(interpolated.length).toBeGreaterThan(0);
    for (const expression of interpolated) expect(expression).toMatch(/^[A-Z_]+:\?/);
    const secrets = new Set(interpolated.map((expression) => expression.split(':')[0] ?? ''));
    const example = readFileSync(join(root, 'deploy/example.env'), 'utf8');
    expect([...example.matchAll(/^([A-Z_]+)=$/gm)].map((match) => match[1] ?? '').sort()).toEqual(
      [...secrets].sort(),
    );
    for (const [name, { environment }] of services) {
      for (const [key, value] of Object.entries(environment))
        if (/PASSWORD|PWD|KEYS|AUTH/.test(key))
          expect(value, `${name} ${key}`).toMatch(/^\$\{[A-Z_]+:\?[^}]+\}$/);
    }
  });

  it('keeps what must outlive a container in a named volume', () => {
    for (const [name, { volumes }] of services) {
      for (const volume of volumes)
        expect(Object.keys(compose.volumes), name).toContain(volume.split(':')[0] ?? '');
    }
    for (const name of ['postgres', 'temporal-postgres', 'redis', 'api', 'worker'])
      expect(compose.services[name]?.volumes.length, name).toBe(1);
  });

  it('gives our processes an environment that they accept', () => {
    const source = readFileSync(join(root, 'config/config.ts'), 'utf8');
    expect(ours.map(([name]) => name).sort()).toEqual(['api', 'migrations', 'worker']);
    for (const [name, { environment }] of ours) {
      for (const key of Object.keys(environment)) expect(source, `${name} sets ${key}`).toMatch(`${key}:`);
      const filled = Object.fromEntries(
        Object.entries(environment).map(([key, value]) => [
          key,
          value.replace(/\$\{[^}]*\}/g, '0123456789abcdef0123456789abcdef'),
        ]),
      );
      const config = readConfig(filled);
      expect(config.temporal.address).toBe('temporal:7233');
      expect(new URL(config.databaseUrl ?? '').hostname).toBe('postgres');
      expect(new URL(config.artifactsUrl ?? '').pathname).toMatch(/^\/var\/lib\/perennial\//);
    }
  });

  it('shares one store between the API and the workers', () => {
    const urls = ['api', 'worker'].map((name) => compose.services[name]?.environment.ARTIFACTS_URL);
    expect(new Set(urls).size).toBe(1);
    expect(compose.services.api?.volumes).toEqual(compose.services.worker?.volumes);
  });

  it('starts files that the image has', () => {
    const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
    expect(dockerfile).toMatch(/^USER node$/m);
    const scripts = ours.flatMap(([, { command = [], healthcheck }]) => [
      ...command,
      ...(healthcheck?.test ?? []),
    ]);
    for (const script of scripts.filter((part) => /\.m?js$/.test(part))) {
      const source = script.replace(/^dist\//, '').replace(/\.js$/, '.ts');
      expect(existsSync(join(root, source)), script).toBe(true);
      expect(dockerfile).toContain(`/app/${script.split('/')[0]}`);
    }
  });
});

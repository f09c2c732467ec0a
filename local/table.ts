export interface Addresses {
  /** Base URL of the API, without a slash at its end. */
  api: string;
  temporalUi: string | undefined;
  temporal: string;
  /** Without its password. */
  database: string;
  home: string;
}

/** Where everything is, in one table. */
export function addressTable(addresses: Addresses): string {
  const rows: [string, string][] = [
    ['Dashboard', `${addresses.api}/`],
    ['API and its docs', `${addresses.api}/docs`],
    ...(addresses.temporalUi === undefined
      ? []
      : ([['Temporal web UI', addresses.temporalUi]] satisfies [string, string][])),
    ['Temporal', addresses.temporal],
    ['PostgreSQL', addresses.database],
    ['Home folder', addresses.home],
  ];
  const [left, right] = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const rule = (start: string, middle: string, end: string) =>
    `${start}${'─'.repeat((left ?? 0) + 2)}${middle}${'─'.repeat((right ?? 0) + 2)}${end}`;
  return [
    rule('┌', '┬', '┐'),
    ...rows.map(([name, value]) => `│ ${name.padEnd(left ?? 0)} │ ${value.padEnd(right ?? 0)} │`),
    rule('└', '┴', '┘'),
  ].join('\n');
}

/** `http://host:port` as a browser on this machine reaches it. */
export function browserUrl({ host, port }: { host: string; port: number }): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

export function withoutPassword(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.password = '';
  return url.href;
}

import { dash, estimate, facts, h, link, mono, number, says, status, table, time } from '../dom.js';
import { metricTable } from './pipelines.js';

export function versionDetails(version) {
  return h(
    'details',
    {},
    h('summary', {}, 'All metrics and lineage'),
    metricTable(version),
    facts([
      ['run', link(`#/runs/${version.lineage.runId}`, version.lineage.runId)],
      ['source', version.lineage.source],
      ['snapshot', mono(version.lineage.snapshotId)],
      ['settings', mono(version.lineage.settingsSha256)],
      ['seed', String(version.lineage.seed)],
      ['code', `${version.lineage.codeVersion}, Node ${version.lineage.nodeVersion}`],
      ['artifact', mono(version.artifact.sha256)],
    ]),
  );
}

export function versionsTable(versions, metric) {
  if (versions.length === 0) return h('p', { className: 'quiet' }, 'No versions yet.');
  return table(
    ['#version', 'alias', 'candidate', `#${metric}`, '#baseline', 'gate', 'created'],
    versions.map((version) => [
      link(`#/runs/${version.lineage.runId}`, String(version.version)),
      version.aliases.join(', '),
      version.candidate,
      estimate(version.metrics[metric], version.intervals[metric]),
      number(version.baseline[metric]),
      version.verdict === null ? dash : status(version.verdict.outcome),
      time(version.createdAt),
    ]),
    'Versions',
  );
}

export function ledgerTable(entries) {
  if (entries.length === 0) return h('p', { className: 'quiet' }, 'Nothing was ever in production.');
  return table(
    ['at', 'action', '#from', '#to', 'by', 'reason'],
    entries.map((entry) => [
      time(entry.at),
      entry.action,
      entry.fromVersion === null ? dash : String(entry.fromVersion),
      String(entry.toVersion),
      entry.actor,
      says(entry.reason),
    ]),
    'Ledger',
  );
}

import type { BlobRef, ValidationReport } from '../contracts/data.ts';

/** Thrown when a fatal check failed. The report is complete: every table was read, not only the first bad one. */
export class DataInvalid extends Error {
  override readonly name = 'DataInvalid';
  readonly report: ValidationReport;
  /** The records set aside until then. */
  readonly quarantine: BlobRef | null;
  constructor(report: ValidationReport, quarantine: BlobRef | null = null) {
    const fatal = report.checks.filter((check) => check.severity === 'fatal');
    const more = fatal.length > 3 ? `; and ${fatal.length - 3} more` : '';
    super(`${fatal.slice(0, 3).map(describeCheck).join('; ')}${more}`);
    this.report = report;
    this.quarantine = quarantine;
  }
}

/** With the place of the first offence, where the rule is one of rows. */
function describeCheck({ table, message, file, examples }: ValidationReport['checks'][number]): string {
  const [first] = examples;
  if (first === undefined) return `${table}: ${message}`;
  const place = first.line === null ? `row ${first.row}` : `line ${first.line}`;
  return `${table}: ${message}, as at ${place} of "${first.file ?? file}"`;
}

/** Thrown when a source names nothing that can be read: no such upload, folder or snapshot, or no file in it. */
export class SourceNotFound extends Error {
  override readonly name = 'SourceNotFound';
}

/** Thrown when a source leads outside the folders or hosts that the operator opened, or to what nobody may open. */
export class SourceRefused extends Error {
  override readonly name = 'SourceRefused';
}

/** Thrown when a file of another server is not the one that was meant. */
export class SourceDiffers extends Error {
  override readonly name = 'SourceDiffers';
}

/** Thrown when another server, or the way to it, fails for now: it may well answer later. */
export class SourceUnavailable extends Error {
  override readonly name = 'SourceUnavailable';
  /** Not to be asked again before, where the server said so. */
  readonly retryAfterMs: number | undefined;
  constructor(message: string, { retryAfterMs, ...options }: ErrorOptions & { retryAfterMs?: number } = {}) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Thrown when a page or an answer is not of the form that its collector declares. */
export class PageUnlike extends Error {
  override readonly name = 'PageUnlike';
}

/** Thrown when a pipeline's SQL does not produce what its declaration says. */
export class RowsInvalid extends Error {
  override readonly name = 'RowsInvalid';
}

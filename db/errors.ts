/** Thrown when a row that others refer to does not exist. */
export class RowNotFound extends Error {
  override readonly name = 'RowNotFound';
}

/** Thrown when a step is written to by an attempt that was given up for another, or whose run has ended. */
export class AttemptSuperseded extends Error {
  override readonly name = 'AttemptSuperseded';
}

/** Thrown when production is not at the version that a promotion was decided against. */
export class StaleVersion extends Error {
  override readonly name = 'StaleVersion';
  readonly expected: number | null;
  readonly found: number | null;
  constructor(pipeline: string, expected: number | null, found: number | null) {
    super(
      `${pipeline}: production is at ${describe(found)}, but the promotion was decided against ${describe(expected)}`,
    );
    this.expected = expected;
    this.found = found;
  }
}

const describe = (version: number | null): string => (version === null ? 'no version' : `version ${version}`);

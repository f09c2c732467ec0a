type Refusal = {
  column: string;
  /** NaN is missing. */
  value: number;
  /** From 0, in the rows that the learner was given. */
  row: number;
  /** What would help: the end of the message. */
  needs: string;
};

/** Thrown for a value that a learner cannot read. */
export class UnreadableValue extends RangeError {
  override readonly name = 'UnreadableValue';
  readonly #refusal: Refusal;
  constructor(refusal: Refusal) {
    const { column, value, row, needs } = refusal;
    super(`column ${column} is ${Number.isNaN(value) ? 'missing' : value} in row ${row}; ${needs}`);
    this.#refusal = refusal;
  }

  /** The same of the rows that the learner's were cut from, the first of them being row `from`. */
  countedFrom(from: number): UnreadableValue {
    return new UnreadableValue({ ...this.#refusal, row: this.#refusal.row + from });
  }
}

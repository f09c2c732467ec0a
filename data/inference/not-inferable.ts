/** Thrown where no pipeline can be inferred from a file; the message names the column and what was found in it. */
export class NotInferable extends Error {
  override readonly name = 'NotInferable';
}

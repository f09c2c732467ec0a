/** Thrown where a file is no spreadsheet that can be read. The message goes on after "is no readable spreadsheet". */
export class UnreadableWorkbook extends Error {
  override readonly name = 'UnreadableWorkbook';
}

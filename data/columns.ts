import type { TableDeclaration } from '../contracts/tables.ts';

/** Wider files are refused: no table of ours has a hundredth of this, and a reader's memory grows with it. */
export const maxColumns = 4096;

export type ColumnProblem = {
  check: 'columns-present' | 'duplicate-column' | 'delimiter' | 'too-many-columns';
  column: string | null;
  message: string;
};

/** Which field of a file holds each declared column. */
export type ColumnPlaces = {
  /** Declared column → 0-based field, in declared order; optional columns that the file lacks are not in it. */
  places: Map<string, number>;
  extra: string[];
  problems: ColumnProblem[];
};

/** Finds the declared columns, by name or alias, in a header. Blanks around a name are ignored. */
export function placeColumns(declaration: TableDeclaration, header: readonly string[]): ColumnPlaces {
  const names = header.map((name) => name.trim());
  const places = new Map<string, number>();
  const problems: ColumnProblem[] = [];
  const used = new Set<number>();

  for (const [column, { aliases, required }] of Object.entries(declaration.columns)) {
    const accepted = [column, ...aliases];
    const found = names.flatMap((name, index) => (accepted.includes(name) ? [index] : []));
    for (const index of found) used.add(index);
    const [first] = found;
    if (first !== undefined) places.set(column, first);
    if (found.length > 1) {
      const where = found.map((index) => `field ${index + 1} "${names[index]}"`).join(', ');
      problems.push({
        check: 'duplicate-column',
        column,
        message: `column "${column}" stands ${found.length} times in the header: ${where}`,
      });
    }
    if (first === undefined && required)
      problems.push({
        check: 'columns-present',
        column,
        message: `column ${accepted.map((name) => `"${name}"`).join(' or ')} is not in the header, which has ${listed(names)}`,
      });
  }
  return { places, extra: names.filter((_, index) => !used.has(index)), problems };
}

const listed = (names: readonly string[]): string => {
  const shown = names.slice(0, 12).map((name) => JSON.stringify(shortened(name, 40)));
  return names.length > 12 ? `${shown.join(', ')} and ${names.length - 12} more` : shown.join(', ');
};

export const shortened = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;

/** The delimiter that would find more of the declared columns in the header's text, if there is one. */
export function betterDelimiter(declaration: TableDeclaration, headerText: string): string | undefined {
  const hits = (delimiter: string): number =>
    placeColumns(
      declaration,
      headerText.split(delimiter).map((name) => name.replace(/^\s*"(.*)"\s*$/, '$1')),
    ).places.size;
  const declared = hits(declaration.delimiter);
  return [',', ';', '\t', '|'].find(
    (delimiter) => delimiter !== declaration.delimiter && hits(delimiter) > declared,
  );
}

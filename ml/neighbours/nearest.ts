/** The rows that are searched. */
export type SearchedRows = {
  /** Rows × width. */
  points: Float64Array;
  /** Of the rows: of those as near as each other, the lower numbers are nearer. */
  numbers: Int32Array;
  width: number;
  /** Rows to find of each point. */
  count: number;
};

/** The nearest of the rows offered: of rows as near as each other, those with the lower numbers. */
export type Nearest = {
  /** Nearest first: places in the order of the tree, and squared distances. */
  places: Int32Array;
  squares: Float64Array;
  /** Rows farther than this need not be offered. */
  limit(): number;
  offer(place: number, square: number): void;
  clear(): void;
};

export function createNearest({ numbers, count }: Pick<SearchedRows, 'numbers' | 'count'>): Nearest {
  const places = new Int32Array(count);
  const squares = new Float64Array(count);
  const found = new Int32Array(count);
  let filled = 0;
  let limit = Number.POSITIVE_INFINITY;
  return {
    places,
    squares,
    limit: () => limit,
    clear: () => {
      filled = 0;
      limit = Number.POSITIVE_INFINITY;
    },
    offer: (place, square) => {
      const number = numbers[place] as number;
      if (filled === count) {
        if (square > limit) return;
        if (square === limit && number > (found[count - 1] as number)) return;
      }
      let at = filled < count ? filled++ : count - 1;
      while (at > 0) {
        const before = squares[at - 1] as number;
        if (before < square || (before === square && (found[at - 1] as number) < number)) break;
        squares[at] = before;
        found[at] = found[at - 1] as number;
        places[at] = places[at - 1] as number;
        at--;
      }
      squares[at] = square;
      found[at] = number;
      places[at] = place;
      if (filled === count) limit = squares[count - 1] as number;
    },
  };
}

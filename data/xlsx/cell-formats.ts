/** How a number in a cell is meant: the format of its style says whether it is a day, a time of day or a number. */
export type NumberMeaning = 'number' | 'date' | 'time';

/** Formats that need no declaration (ECMA-376 part 1, 18.8.30), and those of East Asian Excels. */
export function builtInMeaning(format: number): NumberMeaning {
  if ((format >= 14 && format <= 17) || format === 22 || (format >= 27 && format <= 36)) return 'date';
  if (format >= 50 && format <= 58) return 'date';
  // 46 is a span of hours, `[h]:mm:ss`: a number.
  return (format >= 18 && format <= 21) || format === 45 || format === 47 ? 'time' : 'number';
}

/** Of Excel. A pattern below takes the square of the length. */
const maxCodeLength = 255;

/** @param code as `dd/mm/yyyy hh:mm;@` or `[$-409]#,##0.00` */
export function meaningOf(code: string): NumberMeaning {
  const [positive = ''] = code.slice(0, maxCodeLength).split(';');
  const letters = positive
    .toLowerCase()
    .replaceAll(/"[^"]*"|\\.|_.|\*./g, '')
    // `[h]` is a span of time; other brackets are colours, locales and conditions.
    .replaceAll(/\[(?:h+|m+|s+)\]/g, '#')
    .replaceAll(/\[[^\]]*\]|general|am\/pm|a\/p/g, '')
    .replaceAll(/s\.0+/g, 's');
  if (/[#0?]/.test(letters)) return 'number';
  // An m is a minute beside an hour or a second, else a month.
  const withoutMinutes = letters.replaceAll(/h+[^a-z]*m+|m+[^a-z]*s+/g, 'h');
  if (/[ydm]/.test(withoutMinutes)) return 'date';
  return /[hs]/.test(withoutMinutes) ? 'time' : 'number';
}

const dayMs = 86_400_000;
/** Day 0. Excel counts a 29 February 1900 that never was, so days before 1 March 1900 are one later. */
const epochs = { 1900: Date.UTC(1899, 11, 30), 1904: Date.UTC(1904, 0, 1) } as const;
/** 9999-12-31, the last day of a spreadsheet. */
const lastDay = 2_958_465;

/**
 * A day as `2010-12-01`, with a time as `2010-12-01 08:26:00`, a time alone as `08:26:00`; undefined for a number that
 * is none. To the millisecond, which is what a double of days can hold.
 */
export function momentText(
  serial: number,
  { meaning, epoch }: { meaning: 'date' | 'time'; epoch: keyof typeof epochs },
): string | undefined {
  if (!(serial >= 0 && serial < lastDay + 1)) return undefined;
  const days = epoch === 1900 && serial < 60 ? serial + 1 : serial;
  const iso = new Date(epochs[epoch] + Math.round(days * dayMs)).toISOString();
  const [day = '', time = ''] = iso.slice(0, -1).split('T');
  const clock = time.endsWith('.000') ? time.slice(0, 8) : time;
  if (meaning === 'time' && serial < 1) return clock;
  return clock === '00:00:00' ? day : `${day} ${clock}`;
}

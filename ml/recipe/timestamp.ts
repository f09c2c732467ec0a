/**
 * RFC 3339 or 'YYYY-MM-DD[ HH:MM[:SS[.fraction]]]' to milliseconds since the epoch; NaN where it is neither.
 * Without an offset the time is UTC, as the snapshots have it. By hand, because `Date.parse` takes most of the
 * time of a row, reads a date with a blank as local time and accepts far more than the two forms.
 */
export function parseTimestamp(text: string): number {
  const length = text.length;
  if (length < 10 || text.charCodeAt(4) !== dash || text.charCodeAt(7) !== dash) return Number.NaN;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month))) return Number.NaN;
  const date = daysFromCivil(year, month, day) * 86_400_000;
  if (length === 10) return date;

  const separator = text.charCodeAt(10);
  if (separator !== blank && separator !== upperT && separator !== lowerT) return Number.NaN;
  if (length < 16 || text.charCodeAt(13) !== colon) return Number.NaN;
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  let second = 0;
  let at = 16;
  if (text.charCodeAt(at) === colon) {
    second = digits(text, 17, 19);
    at = 19;
  }
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN;
  let fraction = 0;
  if (at === 19 && text.charCodeAt(at) === point) {
    const start = at + 1;
    for (at = start; at < length && isDigit(text.charCodeAt(at)); at++) {
      // Digits past the millisecond are cut, as in a conversion from the snapshots' microseconds.
      if (at - start < 3) fraction += (text.charCodeAt(at) - zero) * (scales[at - start] as number);
    }
    if (at === start) return Number.NaN;
  }
  return date + hour * 3_600_000 + minute * 60_000 + second * 1000 + fraction - offset(text, at);
}

const [zero, nine, dash, plus, colon, point, blank] = [48, 57, 45, 43, 58, 46, 32];
const [upperT, lowerT, upperZ, lowerZ] = [84, 116, 90, 122];
const scales = [100, 10, 1];

const isDigit = (code: number) => code >= zero && code <= nine;

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return Number.NaN;
    value = value * 10 + (code - zero);
  }
  return value;
}

/** Milliseconds east of UTC; NaN where what follows the time is no offset. */
function offset(text: string, at: number): number {
  if (at === text.length) return 0;
  const sign = text.charCodeAt(at);
  if (sign === upperZ || sign === lowerZ) return at + 1 === text.length ? 0 : Number.NaN;
  if ((sign !== plus && sign !== dash) || text.length !== at + 6 || text.charCodeAt(at + 3) !== colon) {
    return Number.NaN;
  }
  const hours = digits(text, at + 1, at + 3);
  const minutes = digits(text, at + 4, at + 6);
  if (!(hours <= 23 && minutes <= 59)) return Number.NaN;
  return (sign === plus ? 1 : -1) * (hours * 3_600_000 + minutes * 60_000);
}

const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysInMonth(year: number, month: number): number {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return leap ? 29 : (lengths[month - 1] ?? 0);
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar, for years from 0. After Howard Hinnant. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

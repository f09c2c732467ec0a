/** What a file is that was passed on under the name of a CSV: its first bytes tell. */
export type ForeignFormat = { check: 'unreadable' | 'encoding'; message: string };

const signatures: readonly (ForeignFormat & { hex: string })[] = [
  {
    hex: '504b0304',
    check: 'unreadable',
    message: 'is a spreadsheet (name it .xlsx) or a ZIP archive (unpack it first), no CSV',
  },
  packed('1f8b', 'a gzip file'),
  packed('28b52ffd', 'a Zstandard file'),
  packed('425a68', 'a bzip2 file'),
  packed('fd377a585a00', 'an xz file'),
  packed('377abcaf271c', 'a 7-Zip archive'),
  {
    hex: 'd0cf11e0a1b11ae1',
    check: 'unreadable',
    message: 'is an Excel workbook (.xls), no CSV; save it as .xlsx or CSV first',
  },
  { hex: '50415231', check: 'unreadable', message: 'is a Parquet file (name it .parquet), no CSV' },
  { hex: '255044462d', check: 'unreadable', message: 'is a PDF document, no CSV' },
  // The mark of UTF-32 begins with that of UTF-16.
  ...['fffe0000', '0000feff'].map((hex) => wide(hex, 'UTF-32')),
  ...['fffe', 'feff'].map((hex) => wide(hex, 'UTF-16')),
];

function packed(hex: string, name: string): ForeignFormat & { hex: string } {
  return { hex, check: 'unreadable', message: `is ${name}, no CSV; unpack it first` };
}

function wide(hex: string, name: string): ForeignFormat & { hex: string } {
  return { hex, check: 'encoding', message: `the file is ${name}; save it as UTF-8` };
}

/** By bytes that begin no CSV. */
export function foreignFormat(start: Buffer): ForeignFormat | undefined {
  const hex = start.subarray(0, 8).toString('hex');
  const found = signatures.find((signature) => hex.startsWith(signature.hex));
  if (found !== undefined) return found;
  // Every other byte of Latin text is zero in UTF-16, which needs no mark.
  const zeros = [0, 1, 2, 3].map((at) => start[at] === 0);
  const isUtf16 =
    start.length >= 4 && zeros[0] === zeros[2] && zeros[1] === zeros[3] && zeros[0] !== zeros[1];
  return isUtf16 ? wide('', 'UTF-16') : undefined;
}

/** By text that could begin a CSV too, so it is asked only where the header is none. */
export function foreignText(start: string): ForeignFormat | undefined {
  if (/^\s*<(?:!doctype|html|\?xml)/i.test(start))
    return { check: 'unreadable', message: 'is a web page or XML, no CSV' };
  if (/^\s*(?:\[\s*)?\{\s*"/.test(start)) return { check: 'unreadable', message: 'is JSON, no CSV' };
  return undefined;
}

/** Composed first (NFC): "ã" typed as two code points is the same letter. */
export const normalised = (text: string): string => text.normalize('NFC').toLowerCase();

const word = /[\p{L}\p{N}_]{2,}/gu;

/** Words in lower case: two or more letters, digits and underscores, as scikit-learn's vectorisers cut them. */
export const wordsOf = (text: string): readonly string[] => wordsOfNormalised(normalised(text));

export const wordsOfNormalised = (normal: string): readonly string[] => normal.match(word) ?? [];

const loneSurrogate = /\p{Surrogate}/u;

/** Postgres stores neither NUL nor half of a surrogate pair: one such text would fail a whole statement. */
export const isStorableText = (text: string): boolean =>
  !text.includes('\u0000') && !loneSurrogate.test(text);

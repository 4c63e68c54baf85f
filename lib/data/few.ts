/** Lists as text, cut after some. */

/** The first of some texts, and the number of others: `['a', 'b', 'and 3 more']`. */
export const few = (texts: readonly string[], most = 10): readonly string[] =>
  texts.length > most ? [...texts.slice(0, most), `and ${texts.length - most} more`] : texts;

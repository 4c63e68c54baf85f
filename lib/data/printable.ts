/** Text of strangers, made fit for a terminal: what would move the cursor, change colours or turn text round is spelled. */

/** Control characters but for tabs and new lines, and the marks that turn the direction of text. */
const unfit = /(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

/** The text with such characters as `\u001b`, which is how JSON spells them too. */
export const printable = (text: string): string =>
  text.replace(unfit, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

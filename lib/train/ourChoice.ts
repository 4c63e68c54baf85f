/** The source of a setting that no publication gives. */
export const ourChoice = 'our choice: not published';

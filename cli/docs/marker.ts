/** The file of a folder of documentation that lists what was written. */
export const marker = '.renga-docs.json';

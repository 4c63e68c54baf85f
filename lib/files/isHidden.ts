/** Files that systems leave in people's folders, and that nobody means by a folder's contents. */

/** Names without a leading dot, of Windows and of archives that macOS makes. */
const ofSystems = /^(thumbs\.db|ehthumbs\.db|desktop\.ini|__MACOSX)$/i;

/** Tells whether a name in a folder is hidden, or of a file that the system made: `.DS_Store`, `Thumbs.db`. */
export const isHidden = (name: string): boolean => name.startsWith('.') || ofSystems.test(name);

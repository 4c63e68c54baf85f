/**
 * Settings of schedules, transformations and other functions, as JSON: whoever makes a function notes the numbers that it
 * was made of, and a checkpoint keeps them, so that a resumed run can be compared. Nothing is known of a function of
 * somebody's own.
 */

const known = new WeakMap<object, unknown>();

/** A function or an object, with its settings noted. */
export const withSettings = <F extends object>(made: F, settings: unknown): F => {
  known.set(made, settings);
  return made;
};

/** The settings of a function or an object; numbers and texts are their own, of other functions nothing is known. */
export const settingsOf = (made: unknown): unknown => {
  if (made instanceof RegExp) return String(made);
  if (typeof made === 'function') return known.has(made) ? known.get(made) : 'a function of your own';
  if (typeof made !== 'object' || made === null) return made;
  return known.has(made)
    ? known.get(made)
    : Array.isArray(made)
      ? made.map(settingsOf)
      : 'an object of your own';
};

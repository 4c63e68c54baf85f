/** JSON of people's files: parsed within a depth that no config has, so that whoever walks through it may recurse. */
import * as E from 'fp-ts/lib/Either.js';

/** Most containers within each other. */
const deepest = 100;

/** The depth of a text of JSON, counted before it is parsed. */
const depthOf = (text: string): number => {
  let [depth, most, isInString] = [0, 0, false];
  for (let i = 0; i < text.length && most <= deepest; i++) {
    const character = text[i];
    if (isInString) {
      if (character === '\\') i++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{' || character === '[') most = Math.max(most, ++depth);
    else if (character === '}' || character === ']') depth--;
  }
  return most;
};

/**
 * The value of a text of JSON.
 * @returns a left with the problem, in the words of a sentence about the text: `is not JSON: …`
 */
export const parseJson = (text: string): E.Either<string, unknown> =>
  depthOf(text) > deepest
    ? E.left(`nests more than ${deepest} objects and lists within each other; no config is that deep`)
    : E.tryCatch(
        () => JSON.parse(text) as unknown,
        (error) => `is not JSON: ${E.toError(error).message.replace(/\s+/g, ' ')}`,
      );

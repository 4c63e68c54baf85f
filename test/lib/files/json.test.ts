/** JSON of people's files: a value, or the problem in words. */
import t from 'tap';
import * as E from 'fp-ts/lib/Either.js';
import { parseJson } from '../../../lib/files/json.js';

t.test('a value is what JSON.parse gives', async (t) => {
  for (const text of ['{"a": [1, "]]]]{{{{\\"[["]}', '0', '[[[]]]'])
    t.same(parseJson(text), E.right(JSON.parse(text)));
});

t.test('a hundred levels are read, and a hundred thousand are refused in words', async (t) => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  t.ok(E.isRight(parseJson(nested(100))));
  for (const text of [nested(100_000), `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`])
    t.match(parseJson(text), E.left(/^nests more than 100 objects and lists within each other/));
});

t.test('what is no JSON is said in words', async (t) => {
  for (const text of ['', '{', '{"a" 1}']) t.match(parseJson(text), { left: /^is not JSON: .+/ });
});

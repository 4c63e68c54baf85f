/** Names of a model's inputs in pages. */
import t from 'tap';
import { inputNames } from '../../../lib/graph/names.js';
import { chain } from '../../../lib/index.js';
import { linear } from '../../../modules/index.js';

t.test("inputs are called as the layer's own code calls them", (t) => {
  const arrow = (_s: unknown, times: number, values: number): number => times + values;
  function plain(_s: unknown, ids: number): number {
    return ids;
  }
  t.same(inputNames(arrow, 2), ['times', 'values']);
  t.same(inputNames(arrow, 1), ['times'], 'those that are given');
  t.same(inputNames(plain, 1), ['ids']);
  t.end();
});

t.test('where the code has no names, or names of a letter, inputs are called by their place', (t) => {
  t.same(inputNames(chain(linear(3)), 1), ['input']);
  t.same(
    inputNames((_s: unknown, x: number) => x, 1),
    ['input'],
  );
  t.same(
    inputNames((_s: unknown, ...all: number[]) => all, 2),
    ['first input', 'second input'],
  );
  t.same(
    inputNames((_s: unknown, [head]: number[], tail: number) => [head, tail], 2),
    ['first input', 'second input'],
  );
  t.end();
});

import t from 'tap';
import * as fc from '../property.js';
import { softmax, topClasses } from '../../presets/classes.js';
import { colabs, difference, floatsOf } from './colabs.js';

t.test("probabilities and order are JAX's, equal logits by index", (t) => {
  const logits = floatsOf(colabs.imagenet.logits);
  t.ok(difference(softmax(logits), floatsOf(colabs.imagenet.probabilities)) < 1e-7);
  t.strictSame(
    topClasses(logits, [], 12).map(({ index }) => index),
    colabs.imagenet.order,
  );
  t.end();
});

t.test('the likeliest come first, with their labels', (t) => {
  const [first, second, ...others] = topClasses([Math.log(2), Math.log(5), Math.log(3)], ['a', 'b'], 2);
  t.match(first, { index: 1, label: 'b' });
  t.match(second, { index: 2, label: 'class 2' });
  t.ok(Math.abs(first.probability - 0.5) < 1e-15 && Math.abs(second.probability - 0.3) < 1e-15);
  t.strictSame(others, []);
  t.equal(topClasses([1, 2, 3], []).length, 3);
  t.end();
});

t.test('probabilities add up to one and shifting all logits changes nothing, however large', (t) => {
  const logits = fc.array(fc.float({ min: -80, max: 80, noNaN: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(logits, (values) => {
      const probabilities = softmax(values);
      const shifted = softmax(values.map((value) => value + 4096));
      const sum = probabilities.reduce((a, b) => a + b, 0);
      return Math.abs(sum - 1) < 1e-12 && difference(probabilities, shifted) < 1e-9;
    }),
  );
  t.strictSame([...softmax([1e30, 0])], [1, 0]);
  t.end();
});

t.test('scores that are not finite are no probabilities', (t) => {
  t.throws(() => softmax([1, NaN, 2]), /the model's score of class 1 is NaN, expected a finite number/);
  t.throws(() => softmax([1, 2, Infinity]), /score of class 2 is Infinity/);
  t.throws(() => softmax([-Infinity, -Infinity]), /score of class 0 is -Infinity/);
  t.strictSame([...softmax([0, -Infinity])], [1, 0]);
  t.end();
});

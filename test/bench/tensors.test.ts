/** Programs made ready for the benchmark: what is told of a run is of that run, and of no other. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { engine } from '../../lib/engine/index.js';
import { keptParams, preparedTensors } from '../../bench/tensors.js';

await engine();

t.test(
  'live tensors are summed in the run that was asked for, beside inputs and trained arrays',
  async (t) => {
    const param = keptParams(tf);
    const x = tf.ones([1024]);
    let runs = 0;
    const { run, outputs, live } = preparedTensors(tf, () => {
      runs++;
      const sum = tf.add(x, param('layer', 'b', [1024]));
      return [tf.tidy(() => tf.neg(tf.square(sum)))];
    });
    const before = tf.memory().numBytes;
    const [values] = await outputs();
    t.equal(values.length, 1024);
    void run();
    t.equal(live?.(), 3 * 4096);
    t.equal(runs, 2);
    t.equal(tf.memory().numBytes - before, 4096, 'the trained array stays');
  },
);

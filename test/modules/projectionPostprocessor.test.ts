import t from 'tap';
import { outline } from '../../lib/language/outline.js';
import { projectionPostprocessor } from '../../modules/projectionPostprocessor.js';

t.test('each element is projected to the output width', async (t) => {
  const { outputs, params } = outline(projectionPostprocessor({ outputChannels: 3 }), [{ shape: [2, 5, 7] }]);
  t.same(outputs.shape, [2, 5, 3]);
  t.same(params['projection_postprocessor/linear'].w.shape, [7, 3]);
  t.throws(() => projectionPostprocessor({ outputChannels: 1.5 }), { name: 'ConfigError' });
});

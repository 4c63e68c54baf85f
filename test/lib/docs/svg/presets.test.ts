/** All presets at every depth are drawn without overlaps, 1,000 pixels wide at most, and with hardly a line that crosses. */
import t from 'tap';
import { documentModel } from '../../../../lib/docs/index.js';
import { layout } from '../../../../lib/docs/svg/index.js';
import type { AnyModel } from '../../../../presets/preset.js';
import { networks } from '../../../presets/networks.js';
import { crossingsOf, faultsOf } from './faults.js';

for (const [name, preset] of networks)
  t.test(
    `${name}, at every depth, is drawn 1,000 pixels wide at most, with hardly a line that crosses`,
    async (t) => {
      const { card, network, inputs, openInputs, names } = preset() as AnyModel;
      const { views } = documentModel({ card, network, inputs, openInputs, names });
      t.ok(views.length > 1);
      for (const of of views) {
        const laid = layout(of);
        t.same(faultsOf(laid, of), []);
        t.ok(laid.width <= 1000, `${laid.width}`);
        t.ok(crossingsOf(laid) <= 3, `${crossingsOf(laid)} crossings`);
      }
    },
  );

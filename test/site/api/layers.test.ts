/** The API reference's pages of layers: an example of each that runs, and options with meaning and default. */
import t from 'tap';
import { examples } from '../../../site/api/examples.js';
import { configOf, exampleOf, layerSections } from '../../../site/api/layers.js';
import * as modules from '../../../modules/index.js';
import { noLayers } from '../../modules/descriptors.js';

const layers = Object.entries(modules)
  .filter(([name, value]) => typeof value === 'function' && !noLayers.includes(name))
  .map(([name]) => name);

t.test('every layer has an example, and every example is of a layer', async (t) => {
  t.same(Object.keys(examples).sort(), [...layers].sort());
});

t.test('examples run, and show code with imports and outputs', async (t) => {
  for (const layer of layers) {
    const text = exampleOf(layer) ?? '';
    t.match(text, new RegExp(`import \\{.*\\b${layer}\\b.*\\} from 'renga/modules'`), layer);
    t.match(text, /\n\/\/ .*shape: \[/, layer);
  }
});

t.test('options are listed with type, default and meaning', async (t) => {
  const page = layerSections('encoder')?.toString() ?? '';
  for (const [name, { doc }] of Object.entries(configOf('encoder')?.fields ?? {})) {
    t.ok(page.includes(`>${name}</th>`), name);
    t.ok(doc.length > 0);
  }
  t.match(page, /numLatents[^]*<code>512<\/code>[^]*Number of latent vectors/);
  t.match(layerSections('linear')?.toString(), /outputChannels[^]*<em>required<\/em>/);
});

t.test('every config is on the page of the function that takes it', async (t) => {
  const shown = new Set(Object.keys(modules).flatMap((name) => configOf(name) ?? []));
  const configs = Object.entries(modules).filter(([name]) => name.endsWith('Config'));
  t.same(
    configs.filter(([, config]) => !shown.has(config as never)).map(([name]) => name),
    // Parts of other layers' options, which their pages name.
    ['imageFeaturesConfig', 'positionConfig'],
  );
});

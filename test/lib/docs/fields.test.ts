/** Config fields as pages show them: types in words, meanings that begin with a noun or a verb. */
import t from 'tap';
import { Config } from '../../../lib/data/config.js';
import { fieldsOf } from '../../../lib/docs/fields.js';
import * as modules from '../../../modules/index.js';
import { presets } from '../../../presets/index.js';
import type { AnyPreset } from '../../../presets/preset.js';

t.test('types are words, and no meaning begins with a question', async (t) => {
  const ofPresets = Object.values(presets as Readonly<Record<string, AnyPreset>>).flatMap((preset) =>
    fieldsOf(preset.codec, preset().config),
  );
  const ofLayers = Object.values(modules).flatMap((codec) =>
    codec instanceof Config ? fieldsOf(codec, {}) : [],
  );
  t.ok(ofPresets.length > 200 && ofLayers.length > 200);
  const wrong = [...ofPresets, ...ofLayers].filter(
    ({ type, meaning }) => /[<>]|=>/.test(type) || /^(What|Whether|Where|How|Which|Who|When)\b/.test(meaning),
  );
  t.same([...new Set(wrong.map(({ path, type, meaning }) => `${path}: ${type}: ${meaning}`))], []);
});

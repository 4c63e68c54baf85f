/** What a command of `attend` tells beside the file that it wrote. */
import type { ShownLayer } from '../../presets/attention/layers.js';

export interface Shown {
  readonly layer: ShownLayer;
  readonly lines: readonly string[];
  readonly json: Readonly<Record<string, unknown>>;
}

/** The result of `attend`, beside the file that it wrote. */
import type { ShownLayer } from '../../presets/attentionMap.js';

export interface Shown {
  readonly layer: ShownLayer;
  /** The result in a line, for one of several inputs. */
  readonly line: string;
  readonly lines: readonly string[];
  readonly json: Readonly<Record<string, unknown>>;
}

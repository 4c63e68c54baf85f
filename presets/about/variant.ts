/**
 * Texts of a variant: a model of the same network as a published one, with other values, whose parameters nobody
 * published. Everything that is not said of the variant itself is as on the page of the other.
 */
import type { About } from '../../lib/docs/about.js';
import { fromSeed } from './loading.js';
import { code } from './sources.js';

/** Texts of the variant itself. */
interface Own
  extends
    Pick<About, 'summary' | 'results' | 'differences'>,
    Partial<Pick<About, 'task' | 'input' | 'output' | 'training' | 'uses' | 'citation'>> {
  /** Widths of this model with their reasons; see `About`. */
  readonly why: About['why'];
}

/**
 * The texts of a variant of the model that `base` is about.
 * @param preset the name of its export from `renga/presets`
 */
export const variantAbout = (base: About, preset: string, own: Own): About => ({
  ...base,
  ...own,
  loading: fromSeed(preset),
  limits: `It is untrained: nobody published its parameters. Trained: ${base.limits}`,
  license: { code },
});

/** Names with slashes, underscores and points, which may be broken after any of these. */
import { html, type Html, joined } from './html.js';

/** A path that breaks where its parts end; copied, it is the path. */
export const path = (text: string): Html => joined(text.split(/(?<=[/_.])/), html`<wbr />`);

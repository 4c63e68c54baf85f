/**
 * Styles of the examples, to be added to a page's stylesheet. Colours are transparent or the text's own, so that they
 * suit light and dark pages.
 */
import { bytesStyle } from '../attend/bytesLine.js';

export const exampleStyle = `${bytesStyle}
.example-digits { display: grid; grid-template-columns: repeat(auto-fill, minmax(164px, 1fr)); gap: 1.5rem 1rem; max-width: 52rem; list-style: none; padding: 0; margin: 1rem 0; }
.example-digits li { max-width: 190px; margin: 0; }
.example-digits img { width: 80px; height: 80px; image-rendering: pixelated; vertical-align: top; margin: 0 4px 0 0; border-radius: 2px; }
.example-digits p { margin: 0.4rem 0 0.2rem; line-height: 1.35; }
.example-digits svg { display: block; width: 100%; max-width: 164px; height: auto; }
.example-texts { list-style: none; padding: 0; margin: 1rem 0; }
.example-texts li { margin: 0 0 1.75rem; }
.example-texts p { margin: 0.2rem 0; }
.example-texts .bytes { line-height: 1.6; }
.example-legend { white-space: nowrap; }
.example-legend .bytes { display: inline-block; line-height: 1; vertical-align: middle; box-shadow: 0 0 0 1px rgb(128 128 128 / 0.6); }
.example-legend .bytes .byte { margin: 0; height: 1.1em; vertical-align: top; }
`;

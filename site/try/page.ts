/**
 * The page whose models run: its text, and what it needs around it. A site puts its own shell around such a page; without
 * one it has a plain one.
 */

/** The parts of a page that the site's frame is put around; paths are relative to the page. */
export interface TryPage {
  /** The name of its file. */
  readonly file: string;
  readonly title: string;
  readonly description: string;
  /** HTML between header and footer; it begins with h1. */
  readonly main: string;
  readonly styles: readonly string[];
  /** Modules. */
  readonly scripts: readonly string[];
  /** Sources that it needs beside none at all, by directive of a content security policy. */
  readonly policy: Readonly<Record<string, string>>;
}

/** From the page's own part to the whole document. */
export type Shell = (page: TryPage) => string;

/** The note that stays where no script runs. */
export const withoutServer = `<div id="try-serve" class="late">
<p><strong>Does nothing happen?</strong> This page runs a script and fetches its models, which browsers allow only where a
server sends them. In the folder of the site, run</p>
<pre><code>npx http-server</code></pre>
<p>and open the address that it prints.</p>
</div>`;

/** The sources of pages that run models. */
export const policy = {
  'script-src': "'self' 'wasm-unsafe-eval'",
  'style-src': "'self'",
  'connect-src': "'self'",
  'img-src': "'self' data:",
};

/** The pad for drawing a digit, with its buttons. */
export const drawingPad = `<div class="draw">
<h3>Your drawing</h3>
<canvas id="pad" width="560" height="560" role="img" aria-label="Drawing pad, for mouse, finger or pen. By keyboard, the pixels beside it can be set."></canvas>
<div class="actions">
<button type="button" id="undo">Undo</button>
<button type="button" id="clear">Clear</button>
</div>
</div>`;

const digitsPanel = `
<section class="panel" id="digits" aria-labelledby="digits-title" aria-busy="true">
<h2 id="digits-title">Draw a digit</h2>
<p>The model sees 8 × 8 grey pixels. Of 360 digits that it had never seen, it gets 352 right. A drawing
is moved and scaled as the pictures were that it was trained on.</p>
<div class="digits-columns">
${drawingPad}
<div class="seen">
<h3 id="grid-title">What the model sees</h3>
<div id="grid" class="grid" role="grid" aria-labelledby="grid-title" aria-describedby="grid-help"></div>
<label class="switch"><input type="checkbox" id="show-looks" checked> Show where it looks</label>
</div>
<div class="answer">
<h3>What it takes it for</h3>
<p id="digit" class="verdict" role="status"></p>
<ol id="bars" class="bars"></ol>
</div>
</div>
<p id="grid-help" class="help">By keyboard: arrows move over the pixels, space sets or clears one, + and − shade it.</p>
<h3 id="digit-examples-title">Or take one that it has never seen</h3>
<div id="digit-examples" class="examples" role="group" aria-labelledby="digit-examples-title"></div>
<fieldset id="latents">
<legend>Where each of its latents looks</legend>
<p class="help">The encoder's cross-attention: the more colour, the more weight a pixel has, from the least to the largest
of that latent. “All” is their mean, and what is chosen is laid over the picture above as discs.</p>
</fieldset>
</section>`;

const wordsPanel = `
<section class="panel" id="words" aria-labelledby="words-title" aria-busy="true">
<h2 id="words-title">Fill in missing letters</h2>
<p>The model reads bytes and fills each blank from the whole sentence. It is small, one million parameters that know the
glosses of a dictionary: half of single letters are right.</p>
<label for="sentence">A sentence; an underscore in it is a blank</label>
<div class="field">
<input type="text" id="sentence" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="sentence-count">
<span id="sentence-count" class="count"></span>
</div>
<h3 id="letters-title">Click a letter to make it blank</h3>
<div id="letters" class="letters" role="group" aria-labelledby="letters-title" aria-describedby="letters-help"></div>
<p id="letters-help" class="help">By keyboard: arrows move over the letters, space makes one blank. The fuller the line
under a letter, the surer the model.</p>
<div class="actions">
<button type="button" id="blank-some">Make some blank</button>
<button type="button" id="blank-none">No blanks</button>
</div>
<p id="filled" class="verdict" role="status"></p>
<ul id="blanks" class="blanks" aria-label="What may stand in each blank"></ul>
<h3 id="text-examples-title">Or take one of these</h3>
<div id="text-examples" class="texts" role="group" aria-labelledby="text-examples-title"></div>
</section>`;

const main = `<div class="try">
<h1>Two models that run in this page</h1>
<p class="lead">Small Perceiver IO models, trained in JAX, read here from their checkpoints. They are computed on this
device; nothing that you draw or write leaves it. <a href="train.html">Train one yourself</a></p>
<p id="try-status" class="status" role="status">Fetching the models …</p>
${withoutServer}
${digitsPanel}
${wordsPanel}
<p id="runs-on" class="help"></p>
<p class="help">Data: UCI optical recognition of handwritten digits (CC BY 4.0); glosses of WordNet 3.0 (Princeton
University). The language model's parameters are rounded to 16 bits, to be fetched in half the time.</p>
</div>`;

/** Drawing digits and filling in letters. */
export const tryPage: TryPage = {
  file: 'index.html',
  title: 'Try it',
  description:
    'Draw a digit, make letters of a sentence blank: two trained Perceiver IO models run in this page.',
  main,
  styles: ['try.css'],
  scripts: ['try.js'],
  policy,
};

/** A page without a site around it. */
export const plainShell: Shell = ({ title, description, main, styles, scripts, policy }) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${["default-src 'none'", ...Object.entries(policy).map(([name, sources]) => `${name} ${sources}`)].join('; ')}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · renga</title>
<meta name="description" content="${description}">
<link rel="icon" href="data:,">
${styles.map((path) => `<link rel="stylesheet" href="${path}">`).join('\n')}
${scripts.map((path) => `<script type="module" src="${path}"></script>`).join('\n')}
</head>
<body class="plain">
<main>
${main}
</main>
</body>
</html>
`;

/** The page where a visitor trains a model: its text. */
import { drawingPad, policy, type TryPage, withoutServer } from '../page.js';

const trainPanel = `
<section class="panel" id="training" aria-labelledby="training-title" aria-busy="true">
<h2 id="training-title">Train it</h2>
<form id="settings" class="settings">
<div>
<label for="steps">Steps</label>
<input type="number" id="steps" min="10" max="5000" step="1" value="600" required aria-describedby="steps-help">
<p id="steps-help" class="help">From 10 to 5,000, each with 32 pictures. After 400 it had 342 of 360 right in a trial; the first
steps tell how long it takes here.</p>
</div>
<fieldset>
<legend>Pictures</legend>
<label class="switch"><input type="radio" name="data" value="shipped" checked> <span>1,437 digits that come with the library</span></label>
<label class="switch"><input type="radio" name="data" value="own"> <span>these and my own drawings (<span id="own-count">none yet</span>)</span></label>
</fieldset>
<div class="actions">
<button type="submit" id="go">Start</button>
<button type="button" id="stop" disabled>Stop</button>
<button type="button" id="anew" hidden>Start anew</button>
</div>
</form>
<p id="try-status" class="status" role="status">Fetching the digits …</p>
<progress id="progress" max="600" value="0" aria-label="Steps done"></progress>
<dl class="facts">
<div><dt>Step</dt><dd id="step">–</dd></div>
<div><dt>Loss</dt><dd id="loss">–</dd></div>
<div><dt>Right of 360 that it never sees</dt><dd id="accuracy">–</dd></div>
<div><dt>Time left</dt><dd id="left">–</dd></div>
<div><dt>Kept up to step</dt><dd id="kept-step">–</dd></div>
</dl>
<div id="curves" class="curves"><p class="help">The curves of the training come here.</p></div>
</section>`;

const drawPanel = `
<section class="panel" id="drawing" aria-labelledby="drawing-title" aria-busy="true">
<h2 id="drawing-title">Try it: draw a digit</h2>
<div class="digits-columns">
${drawingPad}
<div class="seen">
<h3 id="grid-title">The models' picture of it</h3>
<div id="grid" class="grid" role="grid" aria-labelledby="grid-title" aria-describedby="grid-help"></div>
<p id="grid-help" class="help">By keyboard: arrows move over the pixels, space sets or clears one, + and − shade it.</p>
</div>
<div class="answer">
<p id="answer" class="verdict" role="status"></p>
<div class="answers">
<div><h3 id="own-title">Your model</h3><ol id="own-bars" class="bars" aria-labelledby="own-title"></ol></div>
<div><h3 id="shipped-title">The library's</h3><ol id="shipped-bars" class="bars" aria-labelledby="shipped-title"></ol></div>
</div>
</div>
</div>
<h3 id="add-title">Add it to your own digits, as a</h3>
<div id="add" class="examples" role="group" aria-labelledby="add-title"></div>
<p class="help">Your own digits are trained on if you choose so above, each as often as ten others. They stay on this device.</p>
<h3 id="own-digits-title" hidden>Your own digits; press one to remove it</h3>
<div id="own-digits" class="examples" role="group" aria-labelledby="own-digits-title"></div>
</section>`;

const homePanel = `
<section class="panel" id="home" aria-labelledby="home-title">
<h2 id="home-title">Take it home</h2>
<p id="no-weights">The weights can be downloaded when there are some: after a twentieth of the training.</p>
<div id="weights" hidden>
<p><a id="download" download="digits.safetensors" href="#home">Download digits.safetensors</a>, the weights after step <span id="weights-step"></span>. In Node they
are read by</p>
<pre><code>npx renga classify seven.png --preset digits --checkpoint digits.safetensors</code></pre>
</div>
</section>`;

const main = `<div class="try">
<h1>Train a model in this page</h1>
<p class="lead">A small Perceiver IO, 53,827 numbers drawn at random, learns to read handwritten digits. It is trained on this
device, by a worker that goes on when the tab is hidden; nothing leaves the device. <a href="index.html">Models that are
trained</a></p>
${withoutServer}
${trainPanel}
${drawPanel}
${homePanel}
<p id="runs-on" class="help"></p>
<p id="kept" class="help"></p>
<p class="help">Data: UCI optical recognition of handwritten digits (CC BY 4.0). The same settings give the same weights, to
the bit, in the same browser on the same processor.</p>
</div>`;

/** Training a model on digits. */
export const trainPage: TryPage = {
  file: 'train.html',
  title: 'Train one',
  description: 'A small Perceiver IO learns to read digits, from nothing, in this page.',
  main,
  styles: ['try.css'],
  scripts: ['train.js'],
  // The engine's threads, and the binary that they share, are addressed as blobs.
  policy: { ...policy, 'worker-src': "'self' blob:", 'connect-src': `${policy['connect-src']} blob:` },
};

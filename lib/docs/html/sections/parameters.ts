/** The parameter tree: modules that open, each leaf with its shape, its initialiser and its share; searched by a script. */
import type { LeafDoc, ModelDocument } from '../../document.js';
import { type LeafBranch, leafTree } from '../../leafTree.js';
import { grouped, showShare } from '../../../data/quantities.js';
import { showShape } from '../../../data/shape.js';
import { html, type Html } from '../html.js';
import { path } from '../links.js';
import { sectionOf } from '../section.js';

const leafRow = ({ module, leaf, shape, initializer, count, share }: LeafDoc): Html =>
  html`<tr data-leaf="${module}/${leaf} ${showShape(shape)} ${initializer}">
    <th scope="row" class="path">${path(leaf)}</th>
    <td class="shape">${showShape(shape)}</td>
    <td class="words">${initializer}</td>
    <td class="number">${grouped(count)}</td>
    <td class="number">${showShare(share)}</td>
  </tr> `;

const leafTable = (leaves: readonly LeafDoc[], path: string): Html | false =>
  leaves.length > 0 &&
  html`<div class="scroll" tabindex="0" role="group" aria-label="Leaves of ${path}">
    <table class="leaves">
      <caption class="unseen">
        Leaves of ${path}
      </caption>
      <thead>
        <tr>
          <th scope="col">leaf</th>
          <th scope="col">shape</th>
          <th scope="col">initialiser</th>
          <th scope="col" class="number">elements</th>
          <th scope="col" class="number">share</th>
        </tr>
      </thead>
      <tbody>
        ${leaves.map(leafRow)}
      </tbody>
    </table>
  </div> `;

const share = (share: number): Html =>
  html`<svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
    <rect width="100" height="4" />
    <rect class="filled" width="${(100 * share).toFixed(2)}" height="4" />
  </svg>`;

const branch = (isOpen: boolean, node: LeafBranch): Html =>
  html`<details class="branch" ${isOpen && html` open`}>
    <summary>
      <span class="path">${path(node.label)}</span>
      <span class="number">${grouped(node.count)}</span> ${share(node.share)}
      <span class="number">${showShare(node.share)}</span>
    </summary>
    ${leafTable(node.leaves, node.path)}${node.inner.map((inner) => branch(false, inner))}
  </details> `;

/** So few leaves are shown at once. */
const fewLeaves = 24;

export const parameters = ({ leaves, parameters }: ModelDocument) => {
  const whole = leafTree(leaves);
  const isShort = leaves.length <= fewLeaves;
  return sectionOf(
    'parameters',
    'Parameter tree',
    html`<p>
        ${grouped(leaves.length)} leaves, ${grouped(parameters)} elements. A module opens to what is in it.
      </p>
      <div class="search" hidden>
        <label for="leaf-search">Find modules, leaves, shapes</label>
        <input
          type="search"
          id="leaf-search"
          autocomplete="off"
          spellcheck="false"
          placeholder="attention/linear_1  1280"
        />
        <output for="leaf-search" id="leaf-found"></output>
      </div>
      <div class="tree" id="leaves">
        ${leafTable(whole.leaves, 'the model')}${whole.inner.map((inner) => branch(isShort || whole.inner.length === 1, inner))}
      </div> `,
    leaves.length > 0,
  );
};

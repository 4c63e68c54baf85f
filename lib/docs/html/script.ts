/**
 * The site's script, as the text of a file: code gets buttons to copy it, the parameter tree can be searched. Pages are
 * whole without it.
 */

/** The text of `site.js`: plain JavaScript, since a page from the file system may load no module. */
export const script = `'use strict';

// Buttons to copy code.
for (const figure of document.querySelectorAll('figure.code')) {
  if (!navigator.clipboard) break;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy';
  button.textContent = 'Copy';
  button.addEventListener('click', () => {
    navigator.clipboard.writeText(figure.querySelector('code').textContent).then(
      () => say(button, 'Copied'),
      () => say(button, 'Not allowed'),
    );
  });
  figure.querySelector('figcaption').append(button);
}

function say(button, text) {
  button.textContent = text;
  setTimeout(() => (button.textContent = 'Copy'), 1500);
}

// A menu closes when something else is clicked, and by Escape.
const menus = document.querySelectorAll('details.menu');
document.addEventListener('click', ({ target }) => {
  for (const menu of menus) if (!menu.contains(target)) menu.open = false;
});
document.addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape') return;
  for (const menu of menus) {
    if (menu.open && menu.contains(document.activeElement)) menu.querySelector('summary').focus();
    menu.open = false;
  }
});

// Searching the parameter tree: every word must be in a leaf's path, shape or initialiser.
const search = document.getElementById('leaf-search');
if (search) {
  const tree = document.getElementById('leaves');
  const found = document.getElementById('leaf-found');
  const rows = [...tree.querySelectorAll('[data-leaf]')];
  const texts = rows.map((row) => row.dataset.leaf.toLowerCase());
  const boxes = [...tree.querySelectorAll('details, table')];
  const atFirst = boxes.map(({ open }) => open);
  search.parentElement.hidden = false;
  search.addEventListener('input', () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, i) => {
      row.hidden = !words.every((word) => texts[i].includes(word));
      if (!row.hidden) count += 1;
    });
    boxes.forEach((box, i) => {
      box.hidden = !box.querySelector('[data-leaf]:not([hidden])');
      if ('open' in box) box.open = words.length ? !box.hidden : atFirst[i];
    });
    found.textContent = words.length ? count + (count === 1 ? ' leaf' : ' leaves') : '';
  });
}

// The section that is read is marked in the table of contents.
const links = new Map(
  [...document.querySelectorAll('nav.contents a')].map((link) => [link.hash.slice(1), link]),
);
if (links.size && 'IntersectionObserver' in window) {
  const seen = new Set();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) seen.add(target.id);
        else seen.delete(target.id);
      }
      const current = [...links.keys()].find((id) => seen.has(id));
      for (const [id, link] of links) {
        if (id === current) link.setAttribute('aria-current', 'true');
        else if (current) link.removeAttribute('aria-current');
      }
    },
    { rootMargin: '-15% 0px -70% 0px' },
  );
  for (const id of links.keys()) observer.observe(document.getElementById(id));
}
`;

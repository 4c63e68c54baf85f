/**
 * A map of StarCraft's units as a page: where they are, whose they are, how much of the latents' attention each has, and
 * which units each unit looks at. It needs no script and no other file.
 */
import { counted, showShare } from '../../lib/data/quantities.js';
import { type Html, html, Html as Markup } from '../../lib/docs/html/html.js';
import type { Entity } from '../../presets/starcraft/run/features.js';

/** Units and the attention that they get. */
export interface UnitsMap {
  /** The file's name, for the title. */
  readonly title: string;
  readonly units: readonly Entity[];
  /** True for parameters made by seed: the attention means nothing. */
  readonly isUntrained: boolean;
  /** Attention of all latents to each unit, on average. */
  readonly byLatents: ArrayLike<number>;
  /** Attention of each unit's query to each unit, by way of the latents. */
  readonly byUnits: readonly ArrayLike<number>[];
}

/** Names of alliances, by their numbers. */
const alliances = ['no side', 'own', 'ally', 'neutral', 'enemy'];

/** Sides of the picture, and its margin. */
const [side, margin] = [720, 24];

/** Units that a unit is shown to look at: those that it looks at most. */
const numShown = 6;

const style = `
:root { color-scheme: light dark; --own: #1f6feb; --ally: #1a7f4b; --neutral: #77808a; --enemy: #c8352b; --ink: #1b1f24; --paper: #fff; }
@media (prefers-color-scheme: dark) { :root { --own: #6ea8fe; --ally: #5ccb92; --neutral: #9aa4ae; --enemy: #ff7b72; --ink: #e8ebee; --paper: #15181c; } }
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
svg.key { display: inline; width: 0.8em; height: 0.8em; } svg.map { width: 100%; max-width: 45rem; height: auto; display: block; }
.ground { fill: none; stroke: currentColor; stroke-opacity: 0.4; }
.side-0, .side-3 { fill: var(--neutral); stroke: var(--neutral); } .side-1 { fill: var(--own); stroke: var(--own); }
.side-2 { fill: var(--ally); stroke: var(--ally); } .side-4 { fill: var(--enemy); stroke: var(--enemy); }
.halo { fill-opacity: 0.25; stroke: none; } .looks { visibility: hidden; } .looks line { stroke: currentColor; stroke-linecap: round; }
.unit:hover .looks, .unit:focus .looks { visibility: visible; } .unit:focus { outline: none; } .unit:focus .dot { stroke: currentColor; stroke-width: 2; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; } th, td { text-align: left; padding: 0.15rem 1.5rem 0.15rem 0; font-weight: 400; }
thead th { font-weight: 600; } td.number { text-align: right; font-variant-numeric: tabular-nums; }
`;

const fixed = (value: number): string => value.toFixed(1);

/** Numbers of the units with the most attention, the most first. */
const mostOf = (weights: ArrayLike<number>, count: number): readonly number[] =>
  Array.from({ length: weights.length }, (_, i) => i)
    .sort((a, b) => weights[b] - weights[a])
    .slice(0, count);

/** Places of units in the picture: all of them fit, and the map's y goes up. */
const placesOf = (units: readonly Entity[]): readonly (readonly [x: number, y: number])[] => {
  const [xs, ys] = [units.map(({ x }) => x), units.map(({ y }) => y)];
  const [left, bottom] = [Math.min(...xs), Math.min(...ys)];
  const span = Math.max(Math.max(...xs) - left, Math.max(...ys) - bottom, 1);
  const scale = (side - 2 * margin) / span;
  return units.map(({ x, y }) => [margin + scale * (x - left), side - margin - scale * (y - bottom)]);
};

const nameOf = ({ unitType, alliance }: Entity, i: number): string =>
  `unit ${i}, type ${unitType}, ${alliances[alliance]}`;

const unitOf = (
  { units, byLatents, byUnits }: UnitsMap,
  places: ReturnType<typeof placesOf>,
  i: number,
): Html => {
  const [x, y] = places[i];
  const most = Math.max(...Array.from(byLatents), Number.MIN_VALUE);
  const row = byUnits[i];
  const seen = mostOf(row, numShown);
  const largest = row[seen[0]] || 1;
  const lines = seen.map(
    (j) =>
      html`<line
        x1="${fixed(x)}"
        y1="${fixed(y)}"
        x2="${fixed(places[j][0])}"
        y2="${fixed(places[j][1])}"
        stroke-width="${fixed(0.5 + (4 * row[j]) / largest)}"
      />`,
  );
  const told = seen.map((j) => `unit ${j} ${showShare(row[j])}`).join(', ');
  const own = `${nameOf(units[i], i)}: ${showShare(byLatents[i])} of the latents' attention; looks at ${told}`;
  return html`<g class="unit side-${units[i].alliance}" tabindex="0" role="img" aria-label="${own}">
    <title>${own}</title>
    <g class="looks">${lines}</g>
    <circle
      class="halo"
      cx="${fixed(x)}"
      cy="${fixed(y)}"
      r="${fixed(6 + 22 * Math.sqrt(byLatents[i] / most))}"
    />
    <circle class="dot" cx="${fixed(x)}" cy="${fixed(y)}" r="5" />
  </g>`;
};

/** The page. */
export const unitsPage = (map: UnitsMap): string => {
  const { title, units, isUntrained, byLatents, byUnits } = map;
  const places = placesOf(units);
  const order = mostOf(byLatents, units.length);
  const present = [...new Set(units.map(({ alliance }) => alliance))].sort();
  const body = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Units of ${title}</title>
        <style>
          ${Markup.trusted(style)}
        </style>
      </head>
      <body>
        <main>
          <h1>Units of ${title}</h1>
          <p>
            ${counted(units.length, 'unit')}. The disc around a unit is its share of the latents' attention,
            on average. Point at a unit, or go to it with the tab key, for the
            ${counted(Math.min(numShown, units.length), 'unit')} that its own query looks at most, by way of
            the latents.
          </p>
          ${isUntrained && html`<p><strong>Untrained parameters: the attention means nothing.</strong></p>`}
          <svg class="map" viewBox="0 0 ${side} ${side}" role="group" aria-label="The map">
            <rect class="ground" x="1" y="1" width="${side - 2}" height="${side - 2}" />
            ${units.map((_, i) => unitOf(map, places, i))}
          </svg>
          <p>
            ${present.map(
              (alliance) =>
                html`<svg class="key" viewBox="0 0 12 12" aria-hidden="true">
                    <circle class="side-${alliance}" cx="6" cy="6" r="5" />
                  </svg>
                  ${alliances[alliance]} `,
            )}
          </p>
          <h2>By attention</h2>
          <div class="scroll" tabindex="0">
            <table>
              <thead>
                <tr>
                  <th scope="col">unit</th>
                  <th scope="col">type</th>
                  <th scope="col">side</th>
                  <th scope="col">x</th>
                  <th scope="col">y</th>
                  <th scope="col">latents look at it</th>
                  <th scope="col">it looks at most</th>
                </tr>
              </thead>
              <tbody>
                ${order.map((i) => {
                  const [first] = mostOf(byUnits[i], 1);
                  const { unitType, alliance, x, y } = units[i];
                  return html`<tr>
                    <td class="number">${i}</td>
                    <td class="number">${unitType}</td>
                    <td>${alliances[alliance]}</td>
                    <td class="number">${fixed(x)}</td>
                    <td class="number">${fixed(y)}</td>
                    <td class="number">${showShare(byLatents[i])}</td>
                    <td>unit ${first}, ${showShare(byUnits[i][first])}</td>
                  </tr>`;
                })}
              </tbody>
            </table>
          </div>
        </main>
      </body>
    </html> `;
  return `${body.toString().trim()}\n`;
};

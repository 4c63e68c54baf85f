/** The style of all drawings, light and dark, within a page or alone. */

const colours = {
  light: {
    ground: '#ffffff',
    text: '#1c2430',
    quiet: '#56606f',
    line: '#7b8594',
    frame: '#b9c1cc',
    'frame-fill': '#f8f9fb',
    other: '#f0f2f5',
    'other-line': '#8b95a3',
    cross: '#fdf0dd',
    'cross-line': '#9a5a12',
    self: '#e6effb',
    'self-line': '#3a70b3',
    end: '#e7f3ec',
    'end-line': '#3f8560',
    weights: '#7a4f9c',
  },
  dark: {
    ground: '#14181f',
    text: '#e8ebf0',
    quiet: '#a5afbd',
    line: '#8792a2',
    frame: '#3d4757',
    'frame-fill': '#191e27',
    other: '#262d38',
    'other-line': '#77828f',
    cross: '#3a2a13',
    'cross-line': '#d0924a',
    self: '#16283f',
    'self-line': '#6b9bd6',
    end: '#15301f',
    'end-line': '#62ab84',
    weights: '#c39be3',
  },
} as const;

const variables = (theme: keyof typeof colours): string =>
  Object.entries(colours[theme])
    .map(([name, colour]) => `--drawing-${name}:${colour}`)
    .join(';');

const fill = (name: string) => `fill:var(--drawing-${name})`;
const stroke = (name: string) => `stroke:var(--drawing-${name})`;
const sans = 'font-family:system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif';
const mono = 'font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace';

const rules: readonly (readonly [selector: string, declarations: string])[] = [
  ['.drawing', `display:block;margin:0 auto;max-width:100%;height:auto;${sans}`],
  ['.drawing text', `${fill('text')};font-size:11px`],
  ['.drawing-ground', fill('ground')],
  ['.drawing .name', `${mono};font-size:13px;font-weight:600`],
  ['.drawing .title', `${mono};font-size:12px;${fill('quiet')}`],
  ['.drawing .detail,.drawing .shape', fill('quiet')],
  ['.drawing .shape', 'font-variant-numeric:tabular-nums'],
  ['.drawing .as', `font-style:italic;${fill('quiet')}`],
  ['.drawing .frame', `${fill('frame-fill')};${stroke('frame')}`],
  ['.drawing .box', `${fill('other')};${stroke('other-line')}`],
  ['.drawing .cross .box', `${fill('cross')};${stroke('cross-line')}`],
  ['.drawing .self .box', `${fill('self')};${stroke('self-line')}`],
  ['.drawing .end .box', `${fill('end')};${stroke('end-line')}`],
  ['.drawing .operation .box', fill('ground')],
  ['.drawing .operation .name', `${sans};font-size:11px;font-weight:400;${fill('quiet')}`],
  ['.drawing .unused', 'opacity:.4'],
  ['.drawing .line', `fill:none;${stroke('line')};stroke-width:1.3`],
  ['.drawing .head', fill('line')],
  ['.drawing .weights .line', `${stroke('weights')};stroke-dasharray:5 4`],
  ['.drawing .weights .head,.drawing .weights text', fill('weights')],
  ['.drawing .heading', 'font-size:14px;font-weight:600'],
  ['.drawing .grid', `${stroke('frame')};stroke-width:1`],
  ['.drawing .axis', `${stroke('line')};stroke-width:1`],
  ['.drawing .ours', `fill:none;${stroke('self-line')};stroke-width:2.5`],
  ['.drawing .theirs', `fill:none;${stroke('cross-line')};stroke-width:2.5;stroke-dasharray:7 4`],
  ['.drawing text.ours-text', `${fill('self-line')};stroke:none;font-weight:600`],
  ['.drawing text.theirs-text', `${fill('cross-line')};stroke:none;font-weight:600`],
  ['.drawing .ours-dot', `${fill('self-line')};${stroke('ground')};stroke-width:1.5`],
  ['.drawing .theirs-dot', `${fill('cross-line')};${stroke('ground')};stroke-width:1.5`],
  ['.drawing .published', `${stroke('line')};stroke-dasharray:2 3`],
  ['.drawing .bar', fill('self-line')],
  ['.drawing .others .bar', fill('other-line')],
  ['.drawing .label', `${mono};font-size:12px`],
];

/** The style of all drawings, for pages that have them inlined: put it into the page once. */
export const diagramStyle: string = [
  `.drawing{${variables('light')}}`,
  `@media (prefers-color-scheme: dark){.drawing{${variables('dark')}}}`,
  `@media print{.drawing{${variables('light')}}}`,
  ...rules.map(([selector, declarations]) => `${selector}{${declarations}}`),
].join('\n');

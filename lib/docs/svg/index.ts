/**
 * Drawings of models as SVG: diagrams, how cost grows, where it goes.
 */
export { diagram, type DiagramOptions } from './diagram.js';
export { layout, type LayoutOptions } from './layout.js';
export type { Layout } from './parts.js';
export { DiagramError } from './levels.js';
export { diagramStyle } from './style.js';
export { lineChart, type LineChartOptions } from './lineChart.js';
export { barChart, type BarChartOptions, type BarRow } from './barChart.js';
export type { DrawingOptions } from './markup.js';

/**
 * The passes that every traced graph goes through. Each gives the same numbers as the graph before it.
 */
import type { Graph } from '../graph.js';
import { foldConstants } from './foldConstants.js';
import { shareCommon } from './shareCommon.js';
import { withoutIdle } from './withoutIdle.js';

/** The graph without idle nodes, with constants folded and each subexpression once. */
export const simplify = <G extends Graph>(graph: G): G => shareCommon(foldConstants(withoutIdle(graph)));

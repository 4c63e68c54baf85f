/** All functions of trees: the entry `renga/tree`, and `tree` of the main entry. */
export * from './tree.js';
export * from './treeArrays.js';
export * from './treeDifference.js';
export * from './treeInstances.js';

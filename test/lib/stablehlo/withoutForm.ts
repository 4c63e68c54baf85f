/** Cases of the table of operations whose kernels StableHLO has no form for. */
export const withoutForm: readonly string[] = [
  ...['spaceToBatchND', 'batchToSpaceND', 'diag'],
  ...['cropAndResize', 'rotateWithOffset', 'transform', 'localResponseNormalization', 'maxPoolWithArgmax'],
  ...['bincount', 'denseBincount', 'searchSorted', 'multinomial', 'sparseToDense', 'broadcastArgs'],
  'complex numbers',
];

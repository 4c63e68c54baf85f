/**
 * Adam's rescaling of gradients, element by element in one pass: both moments move, and their corrected quotient is the
 * update. Multiplications and additions are not fused, so that the numbers are those of the composed form.
 */
import { job, launch, nextJob } from './pool';
import { adamTask } from './tasks';

/** Elements of a task. */
const elementsOfTask: i32 = 16384;

@unmanaged
class AdamJob {
  grads: usize;
  mu: usize;
  nu: usize;
  newMu: usize;
  newNu: usize;
  updates: usize;
  /** The shares of their final size that both moments have, one float each. */
  muShare: usize;
  nuShare: usize;
  count: i32;
  b1: f32;
  rest1: f32;
  b2: f32;
  rest2: f32;
  eps: f32;
  epsRoot: f32;
}

/** Some elements; arrays end at multiples of four. */
export function adamPart(index: i32): void {
  const j = job<AdamJob>();
  const start = <usize>(index * elementsOfTask) << 2;
  const end = start + (<usize>min(elementsOfTask, j.count - index * elementsOfTask) << 2);
  const b1 = f32x4.splat(j.b1), rest1 = f32x4.splat(j.rest1);
  const b2 = f32x4.splat(j.b2), rest2 = f32x4.splat(j.rest2);
  const eps = f32x4.splat(j.eps), epsRoot = f32x4.splat(j.epsRoot);
  const muShare = v128.load_splat<f32>(j.muShare), nuShare = v128.load_splat<f32>(j.nuShare);
  const grads = j.grads, mus = j.mu, nus = j.nu, newMu = j.newMu, newNu = j.newNu, updates = j.updates;
  for (let at = start; at < end; at += 16) {
    const g = v128.load(grads + at);
    const mu = f32x4.add(f32x4.mul(rest1, g), f32x4.mul(b1, v128.load(mus + at)));
    const nu = f32x4.add(f32x4.mul(rest2, f32x4.mul(g, g)), f32x4.mul(b2, v128.load(nus + at)));
    v128.store(newMu + at, mu);
    v128.store(newNu + at, nu);
    const root = f32x4.sqrt(f32x4.add(f32x4.div(nu, nuShare), epsRoot));
    v128.store(updates + at, f32x4.div(f32x4.div(mu, muShare), f32x4.add(root, eps)));
  }
}

/** The fields of the job, in their order; `count` is a multiple of four. */
export function adam(
  grads: usize,
  mu: usize,
  nu: usize,
  newMu: usize,
  newNu: usize,
  updates: usize,
  muShare: usize,
  nuShare: usize,
  count: i32,
  b1: f32,
  rest1: f32,
  b2: f32,
  rest2: f32,
  eps: f32,
  epsRoot: f32,
): void {
  const j = nextJob<AdamJob>();
  j.grads = grads;
  j.mu = mu;
  j.nu = nu;
  j.newMu = newMu;
  j.newNu = newNu;
  j.updates = updates;
  j.muShare = muShare;
  j.nuShare = nuShare;
  j.count = count;
  j.b1 = b1;
  j.rest1 = rest1;
  j.b2 = b2;
  j.rest2 = rest2;
  j.eps = eps;
  j.epsRoot = epsRoot;
  launch(adamTask, (count + elementsOfTask - 1) / elementsOfTask);
}

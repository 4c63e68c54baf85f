/**
 * Threefry-2x32, twelve blocks at once: three vectors side by side, because one of them would wait for its own results.
 * lib/random/threefry.ts says what it is, lib/random/words.ts which counters a draw hashes.
 */

/** A word turned left by some bits, exclusive or the other word. */
@inline function mixed(x: v128, bits: i32, other: v128): v128 {
  return v128.xor(v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits)), other);
}

/**
 * Hashes `count` blocks from `block` on, rounded up to a multiple of twelve. Block i has the counters
 * (high + i, low + i), or (high, low + i) where the first one does not step. The first words are put at `to` and the
 * second ones at `second`; where that is 0, each block's two words are folded into one at `to`.
 */
export function hash(
  key0: i32,
  key1: i32,
  high: i32,
  steps: bool,
  low: i32,
  block: i32,
  count: i32,
  to: usize,
  second: usize,
): void {
  const k0 = i32x4.splat(key0), k1 = i32x4.splat(key1), k2 = i32x4.splat(key0 ^ key1 ^ 0x1bd11bda);
  const k2a = i32x4.add(k2, i32x4.splat(1)), k0b = i32x4.add(k0, i32x4.splat(2));
  const k1c = i32x4.add(k1, i32x4.splat(3)), k2d = i32x4.add(k2, i32x4.splat(4));
  const k0e = i32x4.add(k0, i32x4.splat(5)), four = i32x4.splat(4);
  for (const end = block + count; block < end; block += 12) {
    const blocks = i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3));
    // A key word is added to each counter before the first round.
    let x1 = i32x4.add(blocks, i32x4.splat(low + key1));
    let y1 = i32x4.add(x1, four);
    let z1 = i32x4.add(y1, four);
    let x0 = i32x4.splat(high + key0), y0 = x0, z0 = x0;
    if (steps) {
      x0 = i32x4.add(x0, blocks);
      y0 = i32x4.add(x0, four);
      z0 = i32x4.add(y0, four);
    }

    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 13, x0); y1 = mixed(y1, 13, y0); z1 = mixed(z1, 13, z0);
    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 15, x0); y1 = mixed(y1, 15, y0); z1 = mixed(z1, 15, z0);
    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 26, x0); y1 = mixed(y1, 26, y0); z1 = mixed(z1, 26, z0);
    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 6, x0); y1 = mixed(y1, 6, y0); z1 = mixed(z1, 6, z0);
    x0 = i32x4.add(x0, k1); y0 = i32x4.add(y0, k1); z0 = i32x4.add(z0, k1);
    x1 = i32x4.add(x1, k2a); y1 = i32x4.add(y1, k2a); z1 = i32x4.add(z1, k2a);

    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 17, x0); y1 = mixed(y1, 17, y0); z1 = mixed(z1, 17, z0);
    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 29, x0); y1 = mixed(y1, 29, y0); z1 = mixed(z1, 29, z0);
    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 16, x0); y1 = mixed(y1, 16, y0); z1 = mixed(z1, 16, z0);
    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 24, x0); y1 = mixed(y1, 24, y0); z1 = mixed(z1, 24, z0);
    x0 = i32x4.add(x0, k2); y0 = i32x4.add(y0, k2); z0 = i32x4.add(z0, k2);
    x1 = i32x4.add(x1, k0b); y1 = i32x4.add(y1, k0b); z1 = i32x4.add(z1, k0b);

    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 13, x0); y1 = mixed(y1, 13, y0); z1 = mixed(z1, 13, z0);
    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 15, x0); y1 = mixed(y1, 15, y0); z1 = mixed(z1, 15, z0);
    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 26, x0); y1 = mixed(y1, 26, y0); z1 = mixed(z1, 26, z0);
    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 6, x0); y1 = mixed(y1, 6, y0); z1 = mixed(z1, 6, z0);
    x0 = i32x4.add(x0, k0); y0 = i32x4.add(y0, k0); z0 = i32x4.add(z0, k0);
    x1 = i32x4.add(x1, k1c); y1 = i32x4.add(y1, k1c); z1 = i32x4.add(z1, k1c);

    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 17, x0); y1 = mixed(y1, 17, y0); z1 = mixed(z1, 17, z0);
    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 29, x0); y1 = mixed(y1, 29, y0); z1 = mixed(z1, 29, z0);
    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 16, x0); y1 = mixed(y1, 16, y0); z1 = mixed(z1, 16, z0);
    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 24, x0); y1 = mixed(y1, 24, y0); z1 = mixed(z1, 24, z0);
    x0 = i32x4.add(x0, k1); y0 = i32x4.add(y0, k1); z0 = i32x4.add(z0, k1);
    x1 = i32x4.add(x1, k2d); y1 = i32x4.add(y1, k2d); z1 = i32x4.add(z1, k2d);

    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 13, x0); y1 = mixed(y1, 13, y0); z1 = mixed(z1, 13, z0);
    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 15, x0); y1 = mixed(y1, 15, y0); z1 = mixed(z1, 15, z0);
    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 26, x0); y1 = mixed(y1, 26, y0); z1 = mixed(z1, 26, z0);
    x0 = i32x4.add(x0, x1); y0 = i32x4.add(y0, y1); z0 = i32x4.add(z0, z1);
    x1 = mixed(x1, 6, x0); y1 = mixed(y1, 6, y0); z1 = mixed(z1, 6, z0);
    x0 = i32x4.add(x0, k2); y0 = i32x4.add(y0, k2); z0 = i32x4.add(z0, k2);
    x1 = i32x4.add(x1, k0e); y1 = i32x4.add(y1, k0e); z1 = i32x4.add(z1, k0e);

    if (second) {
      v128.store(to, x0); v128.store(to, y0, 16); v128.store(to, z0, 32);
      v128.store(second, x1); v128.store(second, y1, 16); v128.store(second, z1, 32);
      second += 48;
    } else {
      v128.store(to, v128.xor(x0, x1)); v128.store(to, v128.xor(y0, y1), 16); v128.store(to, v128.xor(z0, z1), 32);
    }
    to += 48;
  }
}

/**
 * The numbers that vector loops are made of, in memory. V8 makes a vector constant anew wherever it is used, in three
 * instructions; a loaded one takes a single instruction, and none where a loop finds it in a local.
 */
let table: usize = 0;

/** e to the x, see `simd.ts`. */
@inline export const expLowest: i32 = 0;
@inline export const expHighest: i32 = 1;
@inline export const expScale: i32 = 2;
@inline export const expRounding: i32 = 3;
@inline export const expLn2: i32 = 4;
@inline export const expLn2Rest: i32 = 5;
@inline export const exp5: i32 = 6;
@inline export const exp4th: i32 = 7;
@inline export const exp3: i32 = 8;
@inline export const exp2: i32 = 9;
@inline export const two: i32 = 10;
@inline export const one: i32 = 11;
@inline export const half: i32 = 12;
/** Activations, see `activation.ts`. */
@inline export const geluCubic: i32 = 13;
@inline export const geluLinear: i32 = 14;
@inline export const geluReach: i32 = 15;
@inline export const sqrtHalf: i32 = 16;
@inline export const normalPeak: i32 = 17;
@inline export const erfReach: i32 = 18;
@inline export const erfP: i32 = 19;
@inline export const erfQ: i32 = 26;
@inline export const tanhReach: i32 = 30;
@inline export const tanhP: i32 = 31;
@inline export const tanhQ: i32 = 35;
@inline export const minusOne: i32 = 39;
/** 2 to the y, see `simd.ts`. */
@inline export const twoLowest: i32 = 40;
@inline export const twoHighest: i32 = 41;
@inline export const two5: i32 = 42;
@inline export const two4: i32 = 43;
@inline export const two3: i32 = 44;
@inline export const two2: i32 = 45;
@inline export const two1: i32 = 46;
/** −1 / ln 2, and GELU's with it. */
@inline export const minusScale: i32 = 47;
@inline export const geluCubicScaled: i32 = 48;
@inline export const geluLinearScaled: i32 = 49;
/** Sines and cosines, see `waves.ts`; the last four are doubles, in the places of two. */
@inline export const pi: i32 = 50;
@inline export const waveReach: i32 = 51;
@inline export const sine1: i32 = 52;
@inline export const cosine2: i32 = 55;
@inline export const turns: i32 = 58;
@inline export const waveRounding: i32 = 60;
@inline export const halfPi: i32 = 62;
@inline export const halfPiRest: i32 = 64;

/** The address of the constants; a loop that keeps it in a local saves a load for each constant. */
@inline export function constants(): usize {
  return table;
}

/** One of them, four times. */
@inline export function from(place: usize, constant: i32): v128 {
  return v128.load_splat<f32>(place + (<usize>constant << 2));
}

/** A double, twice. */
@inline export function fromDouble(place: usize, constant: i32): v128 {
  return v128.load_splat<f64>(place + (<usize>constant << 2));
}

@inline function put(constant: i32, value: f32): void {
  store<f32>(table + (<usize>constant << 2), value);
}

@inline function putDouble(constant: i32, value: f64): void {
  store<f64>(table + (<usize>constant << 2), value);
}

/** Puts the constants down; every instance of the module does, with the same numbers. */
export function writeConstants(place: usize): void {
  table = place;
  put(expLowest, -87.33);
  put(expHighest, 89);
  put(expScale, 1.44269504088896341);
  put(expRounding, 12583038);
  put(expLn2, 0.693359375);
  put(expLn2Rest, -2.12194440e-4);
  put(exp5, 0.016625002593484882);
  put(exp4th, 0.08378066342996253);
  put(exp3, 0.33334230778721507);
  put(exp2, 0.9999846061658376);
  put(two, 2);
  put(one, 1);
  put(half, 0.5);
  put(geluCubic, -0.0713548162726);
  put(geluLinear, -1.59576912161);
  put(geluReach, 7);
  put(sqrtHalf, 0.70710678118654752);
  put(normalPeak, 0.39894228040143268);
  put(erfReach, 3.95);
  put(erfP, 1.1283791065216064);
  put(erfP + 1, 0.2008066475391388);
  put(erfP + 2, 0.05068926513195038);
  put(erfP + 3, 0.0037368065677583218);
  put(erfP + 4, 0.00014249462401494384);
  put(erfP + 5, -1.955384050233988e-06);
  put(erfP + 6, 1.9815347584994925e-08);
  put(erfQ, 0.5112918615341187);
  put(erfQ + 1, 0.11536196619272232);
  put(erfQ + 2, 0.01442695315927267);
  put(erfQ + 3, 0.0009639131603762507);
  put(tanhReach, 9.02);
  put(tanhP, 0.13379715383052826);
  put(tanhP + 1, 0.0034940310288220644);
  put(tanhP + 2, 2.0583427613019012e-05);
  put(tanhP + 3, 1.3319006342271678e-08);
  put(tanhQ, 0.46713030338287354);
  put(tanhQ + 1, 0.02587105892598629);
  put(tanhQ + 2, 0.0003283086989540607);
  put(tanhQ + 3, 7.761990445942502e-07);
  put(minusOne, -1);
  put(twoLowest, -126);
  put(twoHighest, 128.4);
  put(two5, 0.0026529290885213596);
  put(two4, 0.019343152982022247);
  put(two3, 0.11101469031909458);
  put(two2, 0.4804448222074557);
  put(two1, 1.3862939537395718);
  put(minusScale, -1.4426950408889634);
  put(geluCubicScaled, -0.10294323958002313);
  put(geluLinearScaled, -2.3022081981504843);
  put(pi, 3.14159265358979324);
  put(waveReach, 1048576);
  put(sine1, -0.16666654594953262);
  put(sine1 + 1, 0.00833215981874273);
  put(sine1 + 2, -0.00019515152618876445);
  put(cosine2, 0.04166664684270114);
  put(cosine2 + 1, -0.0013887366301231865);
  put(cosine2 + 2, 2.4438307012411776e-05);
  putDouble(turns, 0.63661977236758134);
  putDouble(waveRounding, 6755399441055744);
  putDouble(halfPi, 1.57079632673412561417);
  putDouble(halfPiRest, 6.07710050650619224932e-11);
}

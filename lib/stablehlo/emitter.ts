/**
 * Writing operations of StableHLO as text, each with its types: those of one result, and the shapes that every operator
 * asks for. Operations on shapes with open sizes have forms of their own, which take the shape as an argument.
 */
import type { TypedArray } from '../data/array.js';
import { isSymbolic, sameSizes, showSize, type Size, type Sizes, wholeTerms } from '../graph/size.js';
import { type ElementType, isOpen, list, numberText, type Ref, type Typed, typeText } from './value.js';

/** Names of operations that give one element from two. */
export type Reducer = 'add' | 'multiply' | 'maximum' | 'minimum' | 'and' | 'or';

/** The input, and its axis, that a symbol is the size of. */
export type SymbolPlaces = ReadonlyMap<string, readonly [input: Ref, axis: number]>;

/** Windows over all axes, the step from one to the next, and the padding before and after each axis. */
interface Windows {
  readonly window: readonly number[];
  /** 1 if not given. */
  readonly strides?: readonly number[];
  /** 0 if not given. */
  readonly padding?: readonly (readonly number[])[];
}

const hexOf = (values: TypedArray): string => {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
};

/** Arrays of at most this many numbers are written as digits, longer ones as their bytes. */
const mostDigits = 32;

const nested = (values: readonly string[], shape: readonly number[]): string => {
  if (shape.length === 0) return values[0];
  const each = values.length / shape[0];
  const parts = Array.from({ length: shape[0] }, (_, i) =>
    nested(values.slice(i * each, (i + 1) * each), shape.slice(1)),
  );
  return list(parts);
};

export class Emitter {
  private readonly constants: string[] = [];
  private readonly head: string[] = [];
  private readonly body: string[] = [];
  private lines = this.body;
  private readonly known = new Map<string, Ref>();
  private count = 0;

  /** @param multiples  for symbols that have to be multiples of a number, that number: JAX refuses others */
  constructor(
    private readonly symbols: SymbolPlaces,
    readonly multiples: Sizes = {},
  ) {
    for (const [name, multiple] of Object.entries(multiples)) this.expectMultiple(name, multiple);
  }

  private expectMultiple(name: string, multiple: number): void {
    this.atTop(() => {
      const [size, zero] = [this.symbol(name), this.size(0)];
      const rest = this.each('remainder', size, this.size(multiple));
      const isWhole = this.compare('EQ', rest, zero);
      const message = `${name} has to be a multiple of ${multiple}, found {0}`;
      this.lines.push(
        `stablehlo.custom_call @shape_assertion(${isWhole.name}, ${size.name}) {api_version = 2 : i32, error_message = "${message}", has_side_effect = true} : (tensor<i1>, tensor<i32>) -> ()`,
      );
      return size;
    });
  }

  /** The lines that were written: constants that are used, sizes, operations. */
  text(results: readonly Ref[]): readonly string[] {
    const lines = [...this.head, ...this.body];
    const used = new Set([
      ...lines.flatMap((line) => line.match(/%\d+/g) ?? []),
      ...results.map(({ name }) => name),
    ]);
    return [...this.constants.filter((line) => used.has(line.slice(0, line.indexOf(' ')))), ...lines];
  }

  /** A remark, on a line of its own. */
  remark(text: string): void {
    this.lines.push(`// ${text}`);
  }

  private fresh(): string {
    return `%${this.count++}`;
  }

  private once(key: string, make: () => Ref): Ref {
    const value = this.known.get(key) ?? make();
    this.known.set(key, value);
    return value;
  }

  private atTop(make: () => Ref): Ref {
    const { lines } = this;
    this.lines = this.head;
    const value = make();
    this.lines = lines;
    return value;
  }

  /** An operation of one result: its name, operands, and what stands between them and the types. */
  op(name: string, operands: readonly Ref[], result: Typed, attributes = ''): Ref {
    const [value] = this.ops(
      `stablehlo.${name} ${operands.map((x) => x.name).join(', ')}${attributes}`,
      operands,
      [result],
    );
    return value;
  }

  /** An operation written out but for its types; its results. */
  ops(text: string, operands: readonly Typed[], results: readonly Typed[]): Ref[] {
    const name = this.fresh();
    const [left, right] = [operands, results].map((values) => values.map(typeText).join(', '));
    const isOne = results.length === 1;
    const types = `(${left}) -> ${isOne ? right : `(${right})`}`;
    this.lines.push(`${isOne ? name : `${name}:${results.length}`} = ${text} : ${types}`);
    return results.map(({ shape, type }, i) => ({ name: isOne ? name : `${name}#${i}`, shape, type }));
  }

  /** An operation element by element: operands and result are of one shape and type. */
  each(name: string, ...operands: readonly Ref[]): Ref {
    const [{ shape, type }] = operands;
    const value = { name: this.fresh(), shape, type };
    this.lines.push(
      `${value.name} = stablehlo.${name} ${operands.map((x) => x.name).join(', ')} : ${typeText(value)}`,
    );
    return value;
  }

  /** One number in every place of a shape. */
  fill(value: number, { shape, type }: Typed): Ref {
    const text = numberText(value, type);
    if (isOpen(shape)) return this.broadcast(this.fill(value, { shape: [], type }), shape, []);
    const types = typeText({ shape, type });
    return this.once(`${text} ${types}`, () => {
      const name = this.fresh();
      this.constants.push(`${name} = stablehlo.constant dense<${text}> : ${types}`);
      return { name, shape, type, number: value };
    });
  }

  /** One number, of the shape and type of another value. */
  like(x: Typed, value: number): Ref {
    return this.fill(value, x);
  }

  /** An array of the program's own. */
  array(
    values: TypedArray | readonly number[],
    { shape, type }: Typed & { readonly shape: readonly number[] },
  ): Ref {
    const isShort = values.length <= mostDigits || type === 'i1';
    const digits = () =>
      nested(
        Array.from(values as ArrayLike<number>, (each) => numberText(each, type)),
        shape,
      );
    const text = isShort || !ArrayBuffer.isView(values) ? digits() : `"0x${hexOf(values)}"`;
    return this.once(`${text} ${typeText({ shape, type })}`, () => {
      const name = this.fresh();
      this.constants.push(
        `${name} = stablehlo.constant dense<${values.length === 0 ? '' : text}> : ${typeText({ shape, type })}`,
      );
      return { name, shape, type };
    });
  }

  /** A size as a number of the program. */
  size(size: Size): Ref {
    const scalar: Typed = { shape: [], type: 'i32' };
    if (!isSymbolic(size)) return this.fill(size, scalar);
    return this.once(`size ${showSize(size)}`, () =>
      this.atTop(() => {
        const { denominator, terms } = wholeTerms(size);
        const products = terms.map(({ coefficient, symbols }) =>
          symbols
            .map((name) => this.symbol(name))
            .reduce(
              (product, each) => (product.number === 1 ? each : this.each('multiply', product, each)),
              this.fill(coefficient, scalar),
            ),
        );
        const sum = products.reduce((total, each) => this.each('add', total, each));
        return denominator === 1 ? sum : this.each('divide', sum, this.fill(denominator, scalar));
      }),
    );
  }

  private symbol(name: string): Ref {
    const place = this.symbols.get(name);
    if (!place) throw new Error(`no input has an axis of size '${name}'`);
    const [input, axis] = place;
    return this.once(`symbol ${name}`, () =>
      this.op('get_dimension_size', [input], { shape: [], type: 'i32' }, `, dim = ${axis}`),
    );
  }

  /** A shape, or places along axes, as a value: i32 [n]. */
  sizes(sizes: readonly Size[]): Ref {
    const typed = { shape: [sizes.length], type: 'i32' as const };
    if (!sizes.some(isSymbolic)) return this.array(sizes as number[], typed);
    return this.once(`sizes ${sizes.map(showSize)}`, () =>
      this.atTop(() => {
        const parts = sizes.map((size) => this.op('reshape', [this.size(size)], { shape: [1], type: 'i32' }));
        return parts.length === 1 ? parts[0] : this.op('concatenate', parts, typed, ', dim = 0');
      }),
    );
  }

  /** Copies of a value in a larger shape. @param axes for each axis of the value the one that it becomes; the last ones if not given */
  broadcast(x: Ref, shape: readonly Size[], axes?: readonly number[]): Ref {
    const dims = axes ?? x.shape.map((_, axis) => axis + shape.length - x.shape.length);
    if (sameSizes(x.shape, shape)) return x;
    const { type } = x;
    if (isOpen(shape))
      return this.op(
        'dynamic_broadcast_in_dim',
        [x, this.sizes(shape)],
        { shape, type },
        `, dims = ${list(dims)}`,
      );
    if (x.number !== undefined) return this.fill(x.number, { shape, type });
    return this.op('broadcast_in_dim', [x], { shape, type }, `, dims = ${list(dims)}`);
  }

  reshape(x: Ref, shape: readonly Size[]): Ref {
    const { type } = x;
    if (sameSizes(x.shape, shape)) return x;
    if (isOpen(shape) || isOpen(x.shape))
      return this.op('dynamic_reshape', [x, this.sizes(shape)], { shape, type });
    return x.number === undefined
      ? this.op('reshape', [x], { shape, type })
      : this.fill(x.number, { shape, type });
  }

  transpose(x: Ref, axes: readonly number[]): Ref {
    if (axes.every((axis, i) => axis === i)) return x;
    const shape = axes.map((axis) => x.shape[axis]);
    return this.op('transpose', [x], { shape, type: x.type }, `, dims = ${list(axes)}`);
  }

  /** Elements from a first place on, as many as a shape has. @param steps from each to the next; 1 if not given */
  slice(
    x: Ref,
    starts: readonly Size[],
    ends: readonly Size[],
    shape: readonly Size[],
    steps?: readonly number[],
  ): Ref {
    if (sameSizes(x.shape, shape)) return x;
    const strides = steps ?? starts.map(() => 1);
    const { type } = x;
    if ([x.shape, starts, ends, shape].some(isOpen))
      return this.op('real_dynamic_slice', [x, this.sizes(starts), this.sizes(ends), this.sizes(strides)], {
        shape,
        type,
      });
    const spans = starts.map((start, i) => `${start}:${ends[i]}${strides[i] === 1 ? '' : `:${strides[i]}`}`);
    return this.op('slice', [x], { shape, type }, ` ${list(spans)}`);
  }

  /** A number around a value; a negative amount cuts. @param holes numbers put between each two elements; 0 if not given */
  pad(
    x: Ref,
    [low, high]: readonly [readonly Size[], readonly Size[]],
    shape: readonly Size[],
    value = 0,
    holes: readonly number[] = low.map(() => 0),
  ): Ref {
    const around = this.fill(value, { shape: [], type: x.type });
    const result = { shape, type: x.type };
    if ([...low, ...high, ...holes].every((size) => size === 0)) return x;
    if (isOpen(low) || isOpen(high))
      return this.op(
        'dynamic_pad',
        [x, around, ...[low, high, holes].map((each) => this.sizes(each))],
        result,
      );
    return this.op(
      'pad',
      [x, around],
      result,
      `, low = ${list(low)}, high = ${list(high)}, interior = ${list(holes)}`,
    );
  }

  /** 0, 1, … along an axis of a shape. */
  iota({ shape, type }: Typed, axis: number): Ref {
    const typed = { shape, type };
    if (isOpen(typed.shape))
      return this.op('dynamic_iota', [this.sizes(typed.shape)], typed, `, dim = ${axis}`);
    return this.once(`iota ${axis} ${typeText(typed)}`, () => {
      const name = this.fresh();
      this.constants.push(`${name} = stablehlo.iota dim = ${axis} : ${typeText(typed)}`);
      return { name, ...typed };
    });
  }

  /** Axes reduced to nothing. */
  reduce(x: Ref, reducer: Reducer, axes: readonly number[], first: number): Ref {
    const shape = x.shape.filter((_, axis) => !axes.includes(axis));
    if (axes.length === 0) return x;
    const initial = this.fill(first, { shape: [], type: x.type });
    return this.ops(
      `stablehlo.reduce(${x.name} init: ${initial.name}) applies stablehlo.${reducer} across dimensions = ${list(axes)}`,
      [x, initial],
      [{ shape, type: x.type }],
    )[0];
  }

  /** Windows reduced to one element each. */
  window(
    x: Ref,
    reducer: Reducer,
    first: number,
    { window, strides, padding }: Windows,
    shape: readonly Size[],
  ): Ref {
    const initial = this.fill(first, { shape: [], type: x.type });
    const scalar = typeText(initial);
    const attributes = [
      `window_dimensions = array<i64: ${window.join(', ')}>`,
      ...(strides ? [`window_strides = array<i64: ${strides.join(', ')}>`] : []),
      ...(padding ? [`padding = dense<${list(padding.map(list))}> : tensor<${window.length}x2xi64>`] : []),
    ];
    return this.ops(
      `"stablehlo.reduce_window"(${x.name}, ${initial.name}) (${this.region(reducer, scalar)}) {${attributes.join(', ')}}`,
      [x, initial],
      [{ shape, type: x.type }],
    )[0];
  }

  /** The function of two scalars that a reducer is. */
  region(reducer: Reducer, scalar: string): string {
    return `{ ^bb0(%a: ${scalar}, %b: ${scalar}): %c = stablehlo.${reducer} %a, %b : ${scalar} stablehlo.return %c : ${scalar} }`;
  }

  concatenate(parts: readonly Ref[], axis: number, shape: readonly Size[]): Ref {
    return parts.length === 1
      ? parts[0]
      : this.op('concatenate', parts, { shape, type: parts[0].type }, `, dim = ${axis}`);
  }

  compare(how: 'EQ' | 'NE' | 'LT' | 'LE' | 'GT' | 'GE', a: Ref, b: Ref): Ref {
    const kind = { f32: 'FLOAT', f64: 'FLOAT', i32: 'SIGNED', ui32: 'UNSIGNED', i1: 'UNSIGNED' }[a.type];
    const operands = [a, b];
    return this.ops(`stablehlo.compare ${how}, ${a.name}, ${b.name}, ${kind}`, operands, [
      { shape: a.shape, type: 'i1' },
    ])[0];
  }

  select(condition: Ref, yes: Ref, no: Ref): Ref {
    const value = { name: this.fresh(), shape: yes.shape, type: yes.type };
    this.lines.push(
      `${value.name} = stablehlo.select ${condition.name}, ${yes.name}, ${no.name} : ${typeText(condition)}, ${typeText(yes)}`,
    );
    return value;
  }

  convert(x: Ref, type: ElementType): Ref {
    if (x.type === type) return x;
    return x.number === undefined
      ? this.op('convert', [x], { shape: x.shape, type })
      : this.fill(x.number, { shape: x.shape, type });
  }

  /** The same bits as another type. */
  bitcast(x: Ref, type: ElementType): Ref {
    return x.type === type ? x : this.op('bitcast_convert', [x], { shape: x.shape, type });
  }

  /** A product of matrices, or of what else has axes in common. The result has the common axes, those of a, those of b. */
  dot(a: Ref, b: Ref, common: readonly (readonly number[])[], summed: readonly (readonly number[])[]): Ref {
    const free = ({ shape }: Ref, side: number): Size[] =>
      shape.filter((_, axis) => !common[side].includes(axis) && !summed[side].includes(axis));
    const shape = [...common[0].map((axis) => a.shape[axis]), ...free(a, 0), ...free(b, 1)];
    const batching =
      common[0].length === 0 ? '' : `, batching_dims = ${list(common[0])} x ${list(common[1])}`;
    return this.op(
      'dot_general',
      [a, b],
      { shape, type: a.type },
      `${batching}, contracting_dims = ${list(summed[0])} x ${list(summed[1])}`,
    );
  }
}

/**
 * The file of an exported program that `jax.export.deserialize` reads: a flatbuffer of the program's module, the trees and
 * types of its arguments and results, and the same of its gradient.
 *
 * Field numbers are those of `Exported`, `PyTreeDef`, `AbstractValue` and `Sharding` in jax/_src/export/serialization.fbs,
 * Apache-2.0. Types and shardings are written in two forms: readers from before April 2026 know lists of them, later ones
 * places in a list of different ones.
 */
import { Builder } from 'flatbuffers';
import { showSize } from '../graph/size.js';
import type { PyTree } from './pyTree.js';
import type { Typed } from './value.js';

/** An array's type for callers: its shape, and `absent` for JAX's `float0`. */
export interface Aval extends Pick<Typed, 'shape'> {
  readonly type: Typed['type'] | 'absent';
}

/** A program that JAX calls. */
export interface Exported {
  readonly name: string;
  readonly inTree: PyTree;
  readonly outTree: PyTree;
  readonly inAvals: readonly Aval[];
  readonly outAvals: readonly Aval[];
  readonly platforms: readonly string[];
  /** The module as text. */
  readonly module: string;
  /** True where shapes have open sizes. */
  readonly hasOpenSizes: boolean;
  /** The program of arguments and cotangents of results that gives the arguments' gradients. */
  readonly vjp?: Exported;
}

/** The format's version: the oldest that has everything that is used here. */
const serializationVersion = 2;
/** The calling convention of modules that every JAX with `jax.export` knows. */
const callingConvention = 9;

const treeKinds = { leaf: 0, none: 1, tuple: 2, list: 3, dict: 4 };
const dtypes = { i1: 0, i32: 3, ui32: 7, f32: 10, f64: 11, absent: 22 };

/** Writes the tables of a program's flatbuffer, inner ones first; each gives its place. */
class Writer {
  private readonly builder = new Builder(1 << 16);

  /** A list of tables or strings, whose places are given. */
  private list(offsets: readonly number[]): number {
    const { builder } = this;
    builder.startVector(4, offsets.length, 4);
    for (const offset of [...offsets].reverse()) builder.addOffset(offset);
    return builder.endVector();
  }

  private uint32s(values: readonly number[]): number {
    const { builder } = this;
    builder.startVector(4, values.length, 4);
    for (const value of [...values].reverse()) builder.addInt32(value);
    return builder.endVector();
  }

  private uint16s(values: readonly number[]): number {
    const { builder } = this;
    builder.startVector(2, values.length, 2);
    for (const value of [...values].reverse()) builder.addInt16(value);
    return builder.endVector();
  }

  private strings(values: readonly string[]): number {
    return this.list(values.map((value) => this.builder.createString(value)));
  }

  private tree(tree: PyTree): number {
    const { builder } = this;
    const children =
      'children' in tree && tree.children.length > 0
        ? this.list(tree.children.map((child) => this.tree(child)))
        : 0;
    const names = tree.kind === 'dict' && tree.names.length > 0 ? this.strings(tree.names) : 0;
    builder.startObject(5);
    builder.addFieldInt8(0, treeKinds[tree.kind], 0);
    builder.addFieldOffset(1, children, 0);
    builder.addFieldOffset(2, names, 0);
    return builder.endObject();
  }

  private aval({ shape, type }: Aval): number {
    const { builder } = this;
    const sizes = this.strings(shape.map(showSize));
    builder.startObject(4);
    builder.addFieldInt8(0, 0, 0); // a shaped array
    builder.addFieldOffset(1, sizes, 0);
    builder.addFieldInt8(2, dtypes[type], 0);
    return builder.endObject();
  }

  /** No sharding: the caller's own. */
  private sharding(): number {
    this.builder.startObject(3);
    return this.builder.endObject();
  }

  private types(avals: readonly Aval[]) {
    return {
      avals: this.list(avals.map((aval) => this.aval(aval))),
      shardings: this.list(avals.map(() => this.sharding())),
      indices: this.uint32s(avals.map(() => 0)),
    };
  }

  private exported(program: Exported): number {
    const { builder } = this;
    const { inAvals, outAvals } = program;
    const name = builder.createString(program.name);
    const [inTree, outTree] = [this.tree(program.inTree), this.tree(program.outTree)];
    const [ins, outs] = [this.types(inAvals), this.types(outAvals)];
    const none = this.list([]);
    const platforms = this.strings(program.platforms);
    const module = builder.createByteVector(new TextEncoder().encode(program.module));
    const kept = this.uint16s(inAvals.map((_, i) => i));
    const vjp = program.vjp ? this.exported(program.vjp) : 0;
    const all = [...inAvals, ...outAvals];
    const keyOf = ({ shape, type }: Aval): string => `${type} ${shape.map(showSize)}`;
    const different = new Map(all.map((aval) => [keyOf(aval), aval]));
    const places = new Map([...different.keys()].map((key, i) => [key, i]));
    const unique = this.list([...different.values()].map((aval) => this.aval(aval)));
    const [inPlaces, outPlaces] = [inAvals, outAvals].map((avals) =>
      this.uint32s(avals.map((aval) => places.get(keyOf(aval)) as number)),
    );
    builder.startObject(26);
    builder.addFieldInt16(0, serializationVersion, 0);
    builder.addFieldOffset(1, name, 0);
    builder.addFieldOffset(2, inTree, 0);
    builder.addFieldOffset(3, ins.avals, 0);
    builder.addFieldOffset(4, outTree, 0);
    builder.addFieldOffset(5, outs.avals, 0);
    builder.addFieldInt16(6, 1, 0); // the number of devices
    builder.addFieldOffset(7, ins.shardings, 0);
    builder.addFieldOffset(8, outs.shardings, 0);
    builder.addFieldOffset(9, platforms, 0);
    builder.addFieldOffset(10, none, 0); // ordered effects
    builder.addFieldOffset(11, none, 0); // unordered effects
    builder.addFieldOffset(12, none, 0); // disabled checks
    builder.addFieldOffset(13, module, 0);
    builder.addFieldInt16(14, callingConvention, 0);
    builder.addFieldOffset(15, kept, 0); // arguments that the module has
    builder.addFieldInt8(16, program.hasOpenSizes ? 1 : 0, 0);
    builder.addFieldOffset(17, vjp, 0);
    builder.addFieldOffset(19, unique, 0);
    builder.addFieldOffset(22, inPlaces, 0);
    builder.addFieldOffset(23, outPlaces, 0);
    builder.addFieldOffset(24, ins.indices, 0);
    builder.addFieldOffset(25, outs.indices, 0);
    return builder.endObject();
  }

  write(program: Exported): Uint8Array<ArrayBuffer> {
    this.builder.finish(this.exported(program));
    return Uint8Array.from(this.builder.asUint8Array());
  }
}

/** The bytes of the file of a program. */
export const exportedFile = (program: Exported): Uint8Array<ArrayBuffer> => new Writer().write(program);

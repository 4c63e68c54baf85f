/** Files of exported programs read back: their tables by the numbers of their fields. */
import { ByteBuffer } from 'flatbuffers';

/** A table of a flatbuffer, whose fields are found by number. */
class Table {
  constructor(
    private readonly bytes: ByteBuffer,
    private readonly at: number,
  ) {}

  private place(field: number): number {
    const offset = this.bytes.__offset(this.at, 4 + 2 * field);
    return offset === 0 ? 0 : this.at + offset;
  }

  int8(field: number): number {
    const place = this.place(field);
    return place === 0 ? 0 : this.bytes.readInt8(place);
  }

  int16(field: number): number {
    const place = this.place(field);
    return place === 0 ? 0 : this.bytes.readInt16(place);
  }

  text(field: number): string {
    return this.bytes.__string(this.place(field)) as string;
  }

  table(field: number): Table | undefined {
    const place = this.place(field);
    return place === 0 ? undefined : new Table(this.bytes, this.bytes.__indirect(place));
  }

  private list<A>(field: number, size: number, read: (place: number) => A): A[] {
    const place = this.place(field);
    if (place === 0) return [];
    const start = this.bytes.__vector(place);
    return Array.from({ length: this.bytes.__vector_len(place) }, (_, i) => read(start + size * i));
  }

  tables(field: number): Table[] {
    return this.list(field, 4, (place) => new Table(this.bytes, this.bytes.__indirect(place)));
  }

  texts(field: number): string[] {
    return this.list(field, 4, (place) => this.bytes.__string(place) as string);
  }

  int32s(field: number): number[] {
    return this.list(field, 4, (place) => this.bytes.readInt32(place));
  }

  int16s(field: number): number[] {
    return this.list(field, 2, (place) => this.bytes.readInt16(place));
  }

  string(field: number): string {
    const bytes = this.list(field, 1, (place) => this.bytes.readUint8(place));
    return new TextDecoder().decode(Uint8Array.from(bytes));
  }
}

const kinds = ['leaf', 'none', 'tuple', 'list', 'dict'];
const dtypes: Readonly<Record<number, string>> = {
  0: 'bool',
  3: 'int32',
  7: 'uint32',
  10: 'float32',
  22: 'float0',
};

/** A tree as text: `(*, {b: *, w: *})`. */
const treeOf = (table: Table): string => {
  const children = table.tables(1).map(treeOf);
  const names = table.texts(2);
  const kind = kinds[table.int8(0)];
  if (kind === 'leaf') return '*';
  if (kind === 'none') return 'None';
  if (kind === 'dict') return `{${names.map((name, i) => `${name}: ${children[i]}`).join(', ')}}`;
  return kind === 'tuple' ? `(${children.join(', ')})` : `[${children.join(', ')}]`;
};

const avalOf = (table: Table): string => `${dtypes[table.int8(2)]}[${table.texts(1).join(',')}]`;

/** A program as its file has it. */
export interface Read {
  readonly version: number;
  readonly name: string;
  readonly inTree: string;
  readonly outTree: string;
  readonly inAvals: readonly string[];
  readonly outAvals: readonly string[];
  readonly platforms: readonly string[];
  readonly module: string;
  readonly convention: number;
  readonly kept: readonly number[];
  readonly hasOpenSizes: boolean;
  readonly vjp?: Read;
}

const programOf = (table: Table): Read => {
  const unique = table.tables(19).map(avalOf);
  const avals = (list: number, places: number): string[] => {
    const [whole, indexed] = [
      table.tables(list).map(avalOf),
      table.int32s(places).map((place) => unique[place]),
    ];
    if (whole.join(' ') !== indexed.join(' ')) throw new Error(`${whole.join(' ')} and ${indexed.join(' ')}`);
    return whole;
  };
  const vjp = table.table(17);
  return {
    version: table.int16(0),
    name: table.text(1),
    inTree: treeOf(table.table(2) as Table),
    outTree: treeOf(table.table(4) as Table),
    inAvals: avals(3, 22),
    outAvals: avals(5, 23),
    platforms: table.texts(9),
    module: table.string(13),
    convention: table.int16(14),
    kept: table.int16s(15),
    hasOpenSizes: table.int8(16) === 1,
    ...(vjp && { vjp: programOf(vjp) }),
  };
};

/** Reads the bytes of a file. */
export const readExported = (file: Uint8Array): Read => {
  const bytes = new ByteBuffer(file);
  return programOf(new Table(bytes, bytes.readInt32(0)));
};

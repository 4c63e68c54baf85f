/** ONNX models in files. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { fromBinary } from '@bufbuild/protobuf';
import { engine, key, transform } from '../../../lib/index.js';
import { exportOnnx, onnxBytes, writeOnnx } from '../../../lib/onnx/index.js';
import { ModelProtoSchema, TensorProto_DataLocation as DataLocation } from '../../../lib/onnx/onnx_pb.js';
import { chain } from '../../../lib/index.js';
import { linear, mlp } from '../../../modules/index.js';
import { difference, started } from './runtime.js';

const layer = chain(linear(300), mlp({ wideningFactor: 2 }));
const shapes = [{ shape: ['batch', 20] }] as const;
const { init, apply } = transform(layer);
const params = init(key(1), { shape: [1, 20] });
const model = exportOnnx(layer, { params }, shapes);

t.test('a file holds the bytes that there are in memory, and a runtime opens it', async (t) => {
  await engine({ backend: 'cpu' });
  const path = join(t.testdir(), 'model.onnx');
  t.match(await writeOnnx(path, model)(), { right: { files: [path], bytes: onnxBytes(model).length } });
  t.ok(Buffer.from(onnxBytes(model)).equals(readFileSync(path)));
  const x = tf.randomNormal([3, 20], 0, 1, 'float32', 2);
  const { run } = await started(path);
  t.ok(difference((await run([x])).output, apply(params, {}, x)) < 1e-5);
});

t.test('weights in a file of their own begin on pages, and small ones stay in the model', async (t) => {
  await engine({ backend: 'cpu' });
  const path = join(t.testdir(), 'model.onnx');
  const written = await writeOnnx(path, model, { externalData: true })();
  t.match(written, { right: { files: [`${path}.data`, path] } });
  t.ok(statSync(path).size < 20_000);
  const { graph } = fromBinary(ModelProtoSchema, readFileSync(path));
  const places = graph?.initializer.map(({ name, dataLocation, externalData, rawData }) => ({
    name,
    isOutside: dataLocation === DataLocation.EXTERNAL,
    place: Object.fromEntries(externalData.map(({ key, value }) => [key, value])),
    inside: rawData.length,
  }));
  const outside = places?.filter(({ isOutside }) => isOutside) ?? [];
  t.same(
    outside.map(({ name }) => name),
    ['linear/w', 'linear/b', 'mlp/linear/w', 'mlp/linear/b', 'mlp/linear_1/w', 'mlp/linear_1/b'],
  );
  t.ok(
    outside.every(({ place }) => place.location === 'model.onnx.data' && Number(place.offset) % 4096 === 0),
  );
  t.ok(places?.every(({ isOutside, inside }) => isOutside || inside < 1024));
  const x = tf.randomNormal([2, 20], 0, 1, 'float32', 3);
  const { run } = await started(path);
  t.ok(difference((await run([x])).output, apply(params, {}, x)) < 1e-5);
  const given = relative(process.cwd(), path);
  t.match(await writeOnnx(given, model)(), { right: { files: [given], bytes: onnxBytes(model).length } });
  t.same(readdirSync(dirname(path)), ['model.onnx'], 'written over without it, the file of weights goes');
});

t.test('progress is told, and an interrupted file does not appear', async (t) => {
  const folder = t.testdir();
  const told: [number, number][] = [];
  const path = join(folder, 'model.onnx');
  await writeOnnx(path, model, { onProgress: (done, total) => void told.push([done, total]) })();
  const [done, total] = told.at(-1) as [number, number];
  t.same([done, total], [onnxBytes(model).length, onnxBytes(model).length]);
  const other = join(folder, 'other.onnx');
  const stopped = await writeOnnx(other, model, { signal: AbortSignal.abort(), externalData: true })();
  t.match(stopped, { _tag: 'Left', left: { kind: 'io' } });
  t.same(readdirSync(folder), ['model.onnx']);
});

t.test('where no file can be, that is said', async (t) => {
  const folder = t.testdir();
  mkdirSync(join(folder, 'folder.onnx'));
  t.match(await writeOnnx(join(folder, 'folder.onnx'), model)(), {
    left: { problem: 'a directory', expected: 'a place for a file' },
  });
  t.match(await writeOnnx(join(folder, 'missing', 'model.onnx'), model)(), {
    left: { kind: 'io', problem: 'no such file or directory' },
  });
  t.notOk(existsSync(join(folder, 'missing')));
});

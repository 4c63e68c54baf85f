/**
 * Kernels that slide windows over images and videos: channels are last in tfjs and first in ONNX.
 */
import {
  atAnySize,
  convolutionPadding,
  expectChannelsLast,
  paddingOf,
  perAxis,
} from '../../graph/windows.js';
import { finish } from './products.js';
import { forEach, type Operator, type Operators, type Written } from './operator.js';

const axesOf = (rank: number): number[] => Array.from({ length: rank }, (_, axis) => axis);

const channelsFirst = ({ emitter }: Written, x: string, rank: number): string => {
  const [batch, ...rest] = axesOf(rank);
  return emitter.op('Transpose', [x], { perm: [batch, rest[rest.length - 1], ...rest.slice(0, -1)] });
};

const channelsLast = ({ emitter }: Written, x: string, rank: number): string => {
  const [batch, channels, ...space] = axesOf(rank);
  return emitter.op('Transpose', [x], { perm: [batch, ...space, channels] });
};

/** A filter [window…, in, out] as [out, in, window…]. */
const filterOf = ({ emitter }: Written, filter: string, rank: number): string => {
  const window = axesOf(rank).slice(0, -2);
  return emitter.op('Transpose', [filter], { perm: [rank - 1, rank - 2, ...window] });
};

const pads = (padding: readonly (readonly number[])[]): number[] => [
  ...padding.map(([before]) => before),
  ...padding.map(([, after]) => after),
];

const conv2d: Operator = (kernel) => {
  const { x, attrs, emitter } = kernel;
  expectChannelsLast(attrs);
  const padding = convolutionPadding('image', kernel.node, emitter.multiples);
  const convolved = emitter.op('Conv', [channelsFirst(kernel, x.x, 4), filterOf(kernel, x.filter, 4)], {
    strides: perAxis(attrs.strides, 2),
    dilations: perAxis(attrs.dilations, 2),
    pads: pads(padding),
  });
  return finish(kernel, channelsLast(kernel, convolved, 4));
};

const depthwise: Operator = (kernel) => {
  const { x, attrs, node, emitter } = kernel;
  expectChannelsLast(attrs);
  const [rows, columns, channels, multiplier] = node.inputs.filter.shape as readonly number[];
  const padding = convolutionPadding('depthwise', kernel.node, emitter.multiples);
  const first = emitter.op('Transpose', [x.filter], { perm: [2, 3, 0, 1] });
  const filter = emitter.op('Reshape', [first, emitter.sizes([channels * multiplier, 1, rows, columns])]);
  const convolved = emitter.op('Conv', [channelsFirst(kernel, x.x, 4), filter], {
    strides: perAxis(attrs.strides, 2),
    dilations: perAxis(attrs.dilations, 2),
    pads: pads(padding),
    group: channels,
  });
  return finish(kernel, channelsLast(kernel, convolved, 4));
};

const conv3d: Operator = (kernel) => {
  const { x, attrs, emitter } = kernel;
  expectChannelsLast(attrs);
  const padding = convolutionPadding('video', kernel.node, emitter.multiples);
  const convolved = emitter.op('Conv', [channelsFirst(kernel, x.x, 5), filterOf(kernel, x.filter, 5)], {
    strides: perAxis(attrs.strides, 3),
    dilations: perAxis(attrs.dilations, 3),
    pads: pads(padding),
  });
  return channelsLast(kernel, convolved, 5);
};

/** A transposed convolution: the gradient of one, in its input. */
const transposed =
  (axes: number): Operator =>
  (kernel) => {
    const { x, attrs, node, emitter } = kernel;
    expectChannelsLast(attrs);
    const strides = perAxis(attrs.strides, axes);
    const window = node.inputs.filter.shape.slice(0, axes) as readonly number[];
    const rank = axes + 2;
    const space = [node.outputs[0], node.inputs.dy].map(({ shape }) => shape.slice(1, -1));
    const { padding, more } = atAnySize(kernel.emitter.multiples, space, (sizes, grown) => {
      const around = paddingOf(attrs.pad, sizes, window, strides);
      const rest = sizes.map(
        (size, i) => size - ((grown[i] - 1) * strides[i] + window[i] - around[i][0] - around[i][1]),
      );
      return { padding: around, more: rest };
    });
    const painted = emitter.op(
      'ConvTranspose',
      [channelsFirst(kernel, x.dy, rank), filterOf(kernel, x.filter, rank)],
      { strides, pads: pads(padding), output_padding: more },
    );
    return channelsLast(kernel, painted, rank);
  };

const pool =
  (axes: number, op: string, more: Readonly<Record<string, number>>): Operator =>
  (kernel) => {
    const { x, attrs, node, emitter } = kernel;
    expectChannelsLast(attrs);
    const [window, strides] = [perAxis(attrs.filterSize, axes), perAxis(attrs.strides, axes)];
    const padding = atAnySize(kernel.emitter.multiples, [node.inputs.x.shape.slice(1, -1)], (sizes) =>
      paddingOf(attrs.pad, sizes, window, strides),
    );
    const attributes = { kernel_shape: window, strides, pads: pads(padding), ...more };
    const pooled = emitter.op(op, [channelsFirst(kernel, x.x, axes + 2)], attributes);
    return channelsLast(kernel, pooled, axes + 2);
  };

const resize =
  (mode: 'linear' | 'nearest'): Operator =>
  (kernel) => {
    const { x, attrs, node, emitter } = kernel;
    const { alignCorners, halfPixelCenters } = attrs as { alignCorners: boolean; halfPixelCenters: boolean };
    const [batch, height, width, channels] = node.outputs[0].shape;
    const coordinates = alignCorners ? 'align_corners' : halfPixelCenters ? 'half_pixel' : 'asymmetric';
    const resized = emitter.op(
      'Resize',
      [
        channelsFirst(kernel, x.images, 4),
        undefined,
        undefined,
        emitter.sizes([batch, channels, height, width]),
      ],
      {
        mode,
        coordinate_transformation_mode: coordinates,
        ...(mode === 'nearest'
          ? { nearest_mode: alignCorners || halfPixelCenters ? 'round_prefer_ceil' : 'floor' }
          : {}),
      },
    );
    return channelsLast(kernel, resized, 4);
  };

export const windows: Operators = {
  ...forEach(['Conv2D', 'FusedConv2D'], () => conv2d),
  ...forEach(['DepthwiseConv2dNative', 'FusedDepthwiseConv2D'], () => depthwise),
  Conv3D: conv3d,
  Conv2DBackpropInput: transposed(2),
  Conv3DBackpropInputV2: transposed(3),
  MaxPool: pool(2, 'MaxPool', {}),
  MaxPool3D: pool(3, 'MaxPool', {}),
  AvgPool: pool(2, 'AveragePool', { count_include_pad: 0 }),
  AvgPool3D: pool(3, 'AveragePool', { count_include_pad: 0 }),
  ResizeBilinear: resize('linear'),
  ResizeNearestNeighbor: resize('nearest'),
};

"""A training step by PyTorch, eager or by torch.compile: loss, gradients and Adam, whose update is PyTorch's fused one.

step_torch.py FOLDER THREADS eager|compiled: FOLDER as `program` reads it.
"""

import pathlib
import sys

import torch
import torch.nn.functional as F

from contestant import serve
from program import Program, steps_of


def same(size, window, stride):
    """The padding before and after an axis that TensorFlow calls SAME."""
    total = max((-(-size // stride) - 1) * stride + window - size, 0)
    return total // 2, total - total // 2


def padded(x, window, stride, value):
    height, width = (same(size, window, stride) for size in x.shape[-2:])
    return F.pad(x, (*width, *height), value=value)


class ops:
    reshape, concat, softmax = torch.reshape, torch.cat, lambda x: torch.softmax(x, -1)
    transpose, broadcast = torch.permute, torch.broadcast_to
    add, sub, mul, exp, erf, relu = torch.add, torch.sub, torch.mul, torch.exp, torch.erf, torch.relu
    gelu, geluExact = lambda x: F.gelu(x, approximate="tanh"), F.gelu
    lookUp = lambda table, ids: F.embedding(ids, table)
    scale = lambda x, by: x * by
    rsqrt = lambda x, epsilon: torch.rsqrt(x + epsilon)
    mean = lambda x: x.mean(tuple(range(x.ndim - 1)), keepdim=True)
    slice = lambda x, axis, start, size: x.narrow(axis, start, size)
    pad = lambda x, each: F.pad(x, [n for size in reversed(each) for n in (size, size)])
    layerNorm = lambda x, scale, offset: F.layer_norm(x, x.shape[-1:], scale, offset)

    def matMul(a, b, transpose_a=False, transpose_b=False):
        return (a.mT if transpose_a else a) @ (b.mT if transpose_b else b)

    def affine(x, w, b=None):
        return F.linear(x, w.T, b)

    def attend(q, k, v, mask=None, _is_causal=False):
        heads = [x.transpose(1, 2) for x in (q, k, v)]
        if mask is None:
            out = F.scaled_dot_product_attention(*heads)
        else:
            seen = (mask > 0)[:, None]
            some = seen.any(-1, keepdim=True)
            out = F.scaled_dot_product_attention(*heads, attn_mask=seen | ~some) * some
        return out.transpose(1, 2).flatten(2)

    def conv2d(x, w, stride):
        image = padded(x.permute(0, 3, 1, 2), w.shape[0], stride, 0.0)
        return F.conv2d(image, w.permute(3, 2, 0, 1), stride=stride).permute(0, 2, 3, 1)

    def maxPool(x, stride):
        image = padded(x.permute(0, 3, 1, 2), 3, stride, -torch.inf)
        return F.max_pool2d(image, 3, stride).permute(0, 2, 3, 1)


def engine(folder, threads, how):
    torch.set_num_threads(threads)
    program = Program(folder)
    params = {name: torch.from_numpy(value).requires_grad_() for name, value in program.params.items()}
    constants = [torch.from_numpy(each) for each in program.constants]
    *inputs, targets = (torch.from_numpy(each) for each in program.batch)
    adam = torch.optim.Adam(params.values(), lr=1e-3, fused=True)

    def loss_of(inputs, targets):
        output = program(ops, params.__getitem__, constants, inputs)
        if program.loss == "squares":
            return F.mse_loss(output, targets)
        return F.cross_entropy(output.reshape(-1, output.shape[-1]), targets.long())

    compute = torch.compile(loss_of) if how == "compiled" else loss_of

    def step():
        adam.zero_grad()
        loss = compute(inputs, targets)
        loss.backward()
        adam.step()
        return loss.detach()

    return steps_of(step)


serve(lambda: engine(pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))

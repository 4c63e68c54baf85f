"""Writes small files as PyTorch saves them, with the arrays that PyTorch reads in them.

    pip install torch==2.13.0 safetensors==0.8.0 numpy
    python test/data/torchFiles.py > test/data/torchFiles.json && npx prettier --write test/data/torchFiles.json
"""

import base64
import collections
import io
import json
import warnings
import zipfile

import numpy as np
import safetensors.torch
import torch

warnings.simplefilter('ignore')
torch.manual_seed(0)


def packed(data):
  return base64.b64encode(data).decode()


def saved(value, **options):
  file = io.BytesIO()
  torch.save(value, file, **options)
  return file.getvalue()


def leaves(value, path=()):
  if isinstance(value, torch.Tensor):
    yield '.'.join(path), value.detach()
  elif isinstance(value, torch.UntypedStorage):
    yield '.'.join(path), torch.tensor(value.tolist(), dtype=torch.uint8)
  elif isinstance(value, (dict, list, tuple)) and not isinstance(value, torch.Size):
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in pairs:
      yield from leaves(part, (*path, str(key)))


def array(tensor):
  dtype = str(tensor.dtype).removeprefix('torch.')
  flat = tensor.contiguous().reshape(-1)
  raw = flat.view(torch.uint8).numpy() if flat.numel() else np.zeros(0, np.uint8)
  return dict(dtype=dtype, shape=list(tensor.shape), data=packed(raw.tobytes()))


def good(name, data):
  value = torch.load(io.BytesIO(data), weights_only=False)
  return dict(name=name, file=packed(data), arrays={path: array(leaf) for path, leaf in leaves(value)})


def twin(name, value):
  """The same weights as a PyTorch file and as safetensors."""
  copies = {path: leaf.clone() for path, leaf in value.items()}
  return {**good(name, saved(value)), 'safetensors': packed(safetensors.torch.save(copies))}


def bad(name, data, refusal):
  return dict(name=name, file=packed(data), refusal=refusal)


class Net(torch.nn.Module):

  def __init__(self):
    super().__init__()
    self.latents = torch.nn.Parameter(torch.randn(2, 3))
    self.norm = torch.nn.BatchNorm1d(3)
    self.layers = torch.nn.ModuleList([torch.nn.Linear(3, 2), torch.nn.Linear(2, 3, bias=False)])
    self.tied = self.layers[0]


def dtypes():
  numbers = torch.tensor([[0, 1, 2], [3, 100, 7]])
  floats = [torch.float64, torch.float32, torch.float16, torch.bfloat16]
  whole = [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.uint16, torch.uint32, torch.uint64]
  return {
      **{f'm.{str(d).removeprefix("torch.")}': (numbers * 1.1 - 2).to(d) for d in floats},
      **{f'm.{str(d).removeprefix("torch.")}': numbers.to(d) for d in whole},
      'm.bool': numbers > 2,
  }


def views():
  base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
  return {
      'm.base': base,
      'm.transposed': base.T,
      'm.column': base[:, 2],
      'm.corner': base[1:3, 2:5],
      'm.steps': base[::2, ::3],
      'm.cube': base.reshape(2, 3, 4).permute(2, 0, 1),
      'm.expanded': base[:1, :1].expand(3, 5),
      'm.one': base[3, 5],
      'm.none': base[2:2],
      'm.bytes': torch.arange(3, dtype=torch.int16).untyped_storage(),
      'm.half': torch.arange(6, dtype=torch.float16)[1:].reshape(5, 1).expand(5, 2),
      'm.long': torch.arange(6).reshape(2, 3).T,
      'm.mask': torch.tensor([[True, False], [True, True]]).T,
  }


def parameters():
  tagged = torch.nn.Parameter(torch.ones(2))
  tagged.tag = 'kept nowhere'
  return {'m.plain': torch.nn.Parameter(torch.zeros(2, 2)), 'm.tagged': tagged, 'm.buffer': torch.nn.Buffer(torch.ones(3))}


def trained():
  net = torch.nn.Sequential(torch.nn.Linear(2, 2))
  optimizer = torch.optim.Adam(net.parameters())
  net(torch.ones(1, 2)).sum().backward()
  optimizer.step()
  return dict(epoch=3, state_dict=net.state_dict(), optimizer=optimizer.state_dict(), best=0.5, name='net', none=None)


def rewritten(data, change, method=zipfile.ZIP_STORED):
  """The archive packed again by another program, its entries changed on the way."""
  out = io.BytesIO()
  with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, 'w', method) as target:
    for info in source.infolist():
      target.writestr(zipfile.ZipInfo(info.filename), change(info.filename, source.read(info)), method)
  return out.getvalue()


def big_endian(value):
  """The file that a machine of the other byte order would write; PyTorch turns no storages without a type round."""
  value = {path: leaf for path, leaf in value.items() if not path.startswith('m.uint') or path == 'm.uint8'}
  widths = [tensor.element_size() for _, tensor in leaves(value)]  # storages are numbered in order

  def change(name, contents):
    if name.endswith('/byteorder'):
      return b'big'
    if '/data/' not in name:
      return contents
    width = widths[int(name.rsplit('/', 1)[1])]
    return np.frombuffer(contents, np.uint8).reshape(-1, width)[:, ::-1].tobytes()

  return rewritten(saved(value), change)


def unchecked(value):
  torch.serialization.set_crc32_options(False)
  try:
    return saved(value)
  finally:
    torch.serialization.set_crc32_options(True)


def scripted():
  file = io.BytesIO()
  torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), file)
  return file.getvalue()


def same(name, contents):
  return contents


small = collections.OrderedDict({'m.w': torch.arange(3.0), 'm.b': torch.arange(2).to(torch.int16)})

files = [
    twin('state-dict', Net().state_dict()),
    good('small', saved(small)),
    good('dtypes', saved(dtypes())),
    good('views', saved(views())),
    good('parameters', saved(parameters())),
    good('trained', saved(trained())),
    good('nested', saved({'model': {'encoder': dict(small), 'decoder': dict(small)}})),
    good('protocol-4', saved(small, pickle_protocol=4)),
    good('big-endian', big_endian({**dtypes(), 'm.t': torch.arange(6.0).reshape(2, 3).T})),
    good('without-checksums', unchecked(small)),
    good('packed-again', rewritten(saved(views()), same)),
    good('deflated', rewritten(saved({'m.w': torch.zeros(300)}), same, zipfile.ZIP_DEFLATED)),
    bad('legacy', saved(small, _use_new_zipfile_serialization=False), 'before version 1.6'),
    bad('scripted', scripted(), 'TorchScript'),
    bad('whole-module', saved(Net()), 'asks for __main__.Net'),
    bad('complex', saved({'m.w': torch.zeros(2, dtype=torch.cfloat)}), 'asks for torch.ComplexFloatStorage'),
    bad('float8', saved({'m.w': torch.zeros(2).to(torch.float8_e4m3fn)}), 'asks for torch.float8_e4m3fn'),
    bad('negated', saved({'m.w': torch.zeros(2, dtype=torch.cfloat).conj().imag}), 'negated'),
    bad('sparse', saved({'m.w': torch.eye(2).to_sparse()}), 'asks for torch._utils._rebuild_sparse_tensor'),
    bad('lone', saved(torch.zeros(2)), 'expected a state dict'),
]

print(json.dumps(dict(torch=torch.__version__, files=files)))

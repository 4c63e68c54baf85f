"""Writes what DeepMind's colabs and OpenCV compute around the networks, as the tests compare with it.

    pip install numpy opencv-python-headless 'jax[cpu]'
    python test/data/colabs.py COLABS > test/data/colabs.json && npx prettier --write test/data/colabs.json

COLABS is the folder of the four notebooks. Functions are taken out of them and run as they are; only the networks and
the sizes of the tiles are replaced.
"""

import ast
import base64
import itertools
import json
import pathlib
import sys
import types

import cv2
import jax
import jax.numpy as jnp
import numpy as np

COLABS = pathlib.Path(sys.argv[1])
random = np.random.default_rng(0)


def functions(notebook, names, **known):
  """The functions and constants of a notebook, with everything else that they use given."""
  cells = json.loads((COLABS / notebook).read_text())['cells']
  space = dict(np=np, jnp=jnp, cv2=cv2, itertools=itertools, **known)
  for cell in cells:
    source = ''.join(cell['source'])
    try:
      tree = ast.parse(source)
    except SyntaxError:
      continue
    for node in tree.body:
      name = getattr(node, 'name', None) or (
          isinstance(node, ast.Assign) and getattr(node.targets[0], 'id', None))
      if name in names:
        exec(compile(ast.Module([node], []), notebook, 'exec'), space)
  return types.SimpleNamespace(**space)


def packed(x, dtype=np.uint8):
  return base64.b64encode(np.ascontiguousarray(x, dtype)).decode()


def image(height, width, sharp=False):
  x = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
  return np.where(x < 128, 0, 255).astype(np.uint8) if sharp else x


def resize_case(height, width, new_height, new_width, sharp=False):
  x = image(height, width, sharp)
  resized = lambda how: packed(cv2.resize(x, (new_width, new_height), interpolation=how))
  return dict(
      width=width, height=height, newWidth=new_width, newHeight=new_height, rgb=packed(x),
      cubic=resized(cv2.INTER_CUBIC), linear=resized(cv2.INTER_LINEAR))


def resizes():
  sizes = [(20, 30, 13, 41), (31, 17, 31, 17), (24, 18, 12, 9), (9, 40, 27, 11), (50, 6, 7, 30), (16, 16, 5, 5), (4, 1999, 5, 224)]
  return [resize_case(*size, sharp=i % 2 == 1) for i, size in enumerate(sizes)]


def imagenet():
  colab = functions(
      'imagenet_classification.ipynb', ['MEAN_RGB', 'STDDEV_RGB', 'normalize', 'resize_and_center_crop'])
  class Shaped:
    """Notes what is cut out of a picture."""
    def __init__(self, height, width):
      self.shape = (np.int64(height), np.int64(width), 3)
    def __getitem__(self, cut):
      self.area = [int(n) for n in (cut[1].start, cut[0].start, cut[1].stop - cut[1].start, cut[0].stop - cut[0].start)]
      raise StopIteration
  areas = []
  for height, width in [(224, 224), (256, 256), (480, 640), (333, 500), (501, 337), (8, 9), (2, 3), (1080, 1921)]:
    x = Shaped(height, width)
    try:
      colab.resize_and_center_crop(x)
    except StopIteration:
      areas.append(dict(width=width, height=height, area=x.area))
  values = np.arange(256, dtype=np.uint8)[:, None, None].repeat(3, 2)
  logits = random.standard_normal(12).astype(np.float32) * 3
  logits[4] = logits[9]
  _, order = jax.lax.top_k(jnp.asarray(logits), 12)
  return dict(
      areas=areas,
      normalized=packed(colab.normalize(values), np.float32),
      logits=packed(logits, np.float32),
      order=[int(i) for i in order],
      probabilities=packed(jax.nn.softmax(jnp.asarray(logits)), np.float32))


def flow():
  shown = []
  tile = (24, 32)
  colab = functions(
      'optical_flow.ipynb',
      ['TRAIN_SIZE', 'compute_grid_indices', 'compute_optical_flow', 'normalize', 'visualize_flow'],
      plt=types.SimpleNamespace(imshow=shown.append),
      # Something of one picture for a flow, which differs from tile to tile.
      _apply_optical_flow_model=lambda params, rng, x: x[:, 0, ..., :2] * (1 + x[:, 1, :1, :1, :2]))
  published = [
      dict(width=width, height=height, tiles=[[int(x), int(y)] for y, x in colab.compute_grid_indices((height, width))])
      for height, width in [(436, 1024), (375, 1242 - 20), (720, 1280), (1080, 1920), (416, 972)]
  ]
  colab = functions(
      'optical_flow.ipynb', ['compute_grid_indices', 'compute_optical_flow', 'normalize', 'visualize_flow'],
      TRAIN_SIZE=tile, plt=types.SimpleNamespace(imshow=shown.append),
      _apply_optical_flow_model=colab._apply_optical_flow_model)
  first, second = image(50, 70), image(50, 70)
  grid = list(colab.compute_grid_indices((50, 70), tile, 5))
  stitched = colab.compute_optical_flow(
      None, None, colab.normalize(first), colab.normalize(second), grid, tile)[0]
  field = (random.standard_normal((12, 32, 2)) * random.uniform(0, 30, (12, 32, 1))).astype(np.float32)
  field[0, :9] = [[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1], [24, 0], [1, 1], [-3, 3], [0.5, -1e-7]]
  colab.visualize_flow(field)
  return dict(
      published=published, width=70, height=50, tile=tile[::-1], overlap=5,
      first=packed(first), second=packed(second), tiles=[[x, y] for y, x in grid], flow=packed(stitched, np.float32),
      field=packed(field, np.float32), fieldWidth=32, fieldHeight=12, shown=packed(shown[0]))


def frames():
  colab = functions('video_autoencoding.ipynb', ['crop_center_square'])
  cases = []
  for height, width, side in [(30, 41, 24), (33, 20, 16), (17, 17, 17), (48, 50, 24)]:
    x = image(height, width)
    cases.append(dict(
        width=width, height=height, side=side, rgb=packed(x),
        frame=packed(cv2.resize(colab.crop_center_square(x), (side, side)) / 255.0, np.float32)))
  return cases


print(json.dumps(dict(
    versions=dict(opencv=cv2.__version__, numpy=np.__version__, jax=jax.__version__),
    resizes=resizes(), imagenet=imagenet(), flow=flow(), frames=frames())))

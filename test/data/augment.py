"""Writes augment.json: operations of RandAugment on a small picture, by Pillow where it has them, else by definition.

Run with Pillow 13.0.0 and NumPy: python test/data/augment.py > test/data/augment.json
"""

import json
import math

import numpy as np
from PIL import Image, ImageOps

f32 = np.float32
rng = np.random.default_rng(5)
H, W = 9, 8
img = np.clip(rng.normal(120, 50, (H, W, 3)), 3, 250).astype(np.uint8)
big = np.clip(rng.normal(120, 30, (40, 30, 3)), 0, 255).astype(np.uint8)
cases = {}


def put(name, values):
  cases[name] = np.asarray(values).astype(np.uint8).ravel().tolist()


def blend(a, b, factor):
  mixed = a.astype(f32) + f32(factor) * (b.astype(f32) - a.astype(f32))
  return (mixed if 0 < factor < 1 else np.clip(mixed, 0, 255)).astype(np.uint8)


def smooth(a):
  out = a.copy()
  kernel = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]])[..., None]
  for y in range(1, H - 1):
    for x in range(1, W - 1):
      out[y, x] = (a[y - 1:y + 2, x - 1:x + 2].astype(int) * kernel).sum((0, 1)) // 13
  return out


def nearest(x):
  return int(math.copysign(math.floor(abs(x) + 0.5), x))


def transform(a, b, c, d, e, f):
  out = np.full_like(img, 128)
  for y in range(H):
    for x in range(W):
      column, row = nearest(a * x + b * y + c), nearest(d * x + e * y + f)
      if 0 <= column < W and 0 <= row < H:
        out[y, x] = img[row, column]
  return out


picture = Image.fromarray(img)
put('equalize', ImageOps.equalize(picture))
put('autoContrast', ImageOps.autocontrast(picture))
put('posterize2', ImageOps.posterize(picture, 2))
put('solarize128', ImageOps.solarize(picture, 128))
put('invert', ImageOps.invert(picture))
put('solarizeAdd55', np.where(img < 128, np.clip(img.astype(int) + 55, 0, 255), img))
level = (img.astype(f32) * f32(1 / 255)) @ np.array([0.2989, 0.587, 0.114], f32)
grey = np.repeat((level * f32(255.5)).astype(np.uint8)[..., None], 3, 2)
for factor in (0.64, 1.72):
  put(f'colour{factor}', blend(grey, img, factor))
  put(f'brightness{factor}', blend(np.zeros_like(img), img, factor))
put('contrast1.72', blend(np.full_like(img, H * W // 256), img, 1.72))
for factor in (0.28, 1.72):
  put(f'sharpness{factor}', blend(smooth(img), img, factor))
put('shearX0.3', transform(1, .3, 0, 0, 1, 0))
put('shearY-0.3', transform(1, 0, 0, -.3, 1, 0))
put('translateX3', transform(1, 0, 3, 0, 1, 0))
put('translateY-2', transform(1, 0, 0, 0, 1, -2))
cos, sin = math.cos(math.radians(15)), math.sin(math.radians(15))
c = ((W - 1) - (cos * (W - 1) - sin * (H - 1))) / 2
f = ((H - 1) - (sin * (W - 1) + cos * (H - 1))) / 2
put('rotate15', transform(cos, -sin, c, sin, cos, f))

spread = np.asarray(ImageOps.equalize(Image.fromarray(big)))
print(json.dumps({
    'height': H, 'width': W, 'pixels': img.ravel().tolist(), 'cases': cases,
    'big': {'pixels': big.ravel().tolist(), 'equalize': int(spread.astype(int).sum()),
            'firsts': spread.ravel()[:30].tolist()},
}))

"""Writes small picture and sound files as other programs make them, with what these programs read in them.

    pip install numpy scipy pillow
    python test/data/media.py > test/data/media.json && npx prettier --write test/data/media.json
"""

import base64
import io
import json

import numpy as np
import PIL
import scipy
from PIL import Image, ImageCms, ImageSequence
import scipy.io.wavfile

random = np.random.default_rng(0)


def packed(data):
  return base64.b64encode(data).decode()


def saved(image, kind, **options):
  file = io.BytesIO()
  image.save(file, kind, **options)
  return file.getvalue()


def picture(name, data):
  image = Image.open(io.BytesIO(data))
  if image.mode.startswith('I'):  # 16 bits
    image = Image.fromarray(np.rint(np.asarray(image) / 257).astype(np.uint8))
  return dict(
      name=name, file=packed(data), width=image.width, height=image.height,
      rgba=packed(np.asarray(image.convert('RGBA')).tobytes()))


def smooth(height, width):
  y, x = np.mgrid[:height, :width]
  return np.stack([5 * x, 255 - 6 * y, 2 * (x + y)], -1).astype(np.uint8)


def pictures():
  colour = Image.fromarray(smooth(18, 25))
  grey = colour.convert('L')
  alpha = colour.copy()
  alpha.putalpha(Image.fromarray((np.arange(18 * 25).reshape(18, 25) % 256).astype(np.uint8)))
  deep = Image.fromarray((np.arange(18 * 25).reshape(18, 25) * 145).astype(np.uint16))
  full = dict(quality=95, subsampling=0)
  return [
      picture('PNG', saved(colour, 'PNG')),
      picture('grey PNG', saved(grey, 'PNG')),
      picture('PNG with opacity', saved(alpha, 'PNG')),
      picture('PNG with a palette', saved(colour.quantize(16), 'PNG')),
      picture('PNG of one bit', saved(grey.convert('1'), 'PNG')),
      picture('PNG of 16 bits', saved(deep, 'PNG')),
      picture('JPEG', saved(colour, 'JPEG', **full)),
      picture('progressive JPEG', saved(colour, 'JPEG', progressive=True, **full)),
      picture('grey JPEG', saved(grey, 'JPEG', **full)),
      picture('JPEG of four inks', saved(colour.convert('CMYK'), 'JPEG', **full)),
  ]


def film(name, data):
  frames = [np.asarray(frame.convert('RGBA')).tobytes() for frame in ImageSequence.Iterator(Image.open(io.BytesIO(data)))]
  width, height = Image.open(io.BytesIO(data)).size
  return dict(name=name, file=packed(data), width=width, height=height, frames=[packed(frame) for frame in frames])


def with_profile(data):
  """A GIF with a colour profile, in whose block there are zeros."""
  profile = ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes()[:300]
  at = 13 + (3 * 2 ** ((data[10] & 7) + 1) if data[10] & 128 else 0)
  block = b'\x21\xff\x0bICCRGBG1012'
  for i in range(0, len(profile), 255):
    part = profile[i:i + 255]
    block += bytes([len(part)]) + part
  return data[:at] + block + b'\0' + data[at:]


def films():
  frames = []
  for i in range(4):
    pixels = smooth(12, 16) // 32 * 32
    pixels[2 + i:6 + i, 3 * i:3 * i + 5] = [255, 255, 0]
    frames.append(Image.fromarray(pixels))
  def gif(frames, **options):
    return saved(frames[0], 'GIF', save_all=True, append_images=frames[1:], duration=40, **options)
  indexed = [frame.quantize(32) for frame in frames]
  return [
      film('GIF of parts', gif(frames)),
      film('GIF that clears each frame, interlaced', gif(indexed, disposal=2, interlace=1)),
      film('GIF with a comment', gif(frames, comment=b'zeros \0 in it')),
      film('GIF with a colour profile', with_profile(gif(frames))),
  ]


def sounds():
  wide = random.integers(-2**31, 2**31, (9, 2))
  wide[0] = [-2**31, 2**31 - 1]
  cases = dict(
      uint8=(wide[:, 0] // 2**24 + 128).astype(np.uint8), int16=(wide // 2**16).astype(np.int16),
      int32=wide.astype(np.int32), float32=(wide / 2**31).astype(np.float32), float64=wide[:, 0] / 2**31)
  for name, samples in cases.items():
    file = io.BytesIO()
    scipy.io.wavfile.write(file, 48000, samples)
    scale = {'uint8': 2**7, 'int16': 2**15, 'int32': 2**31}.get(name, 1)
    values = (samples.astype(np.float64) - (128 if name == 'uint8' else 0)) / scale
    yield dict(
        name=name, file=packed(file.getvalue()),
        channels=[packed(channel.astype(np.float32).tobytes()) for channel in np.atleast_2d(values.T)])


print(json.dumps(dict(
    versions=dict(pillow=PIL.__version__, scipy=scipy.__version__, numpy=np.__version__),
    pictures=pictures(), films=films(), sounds=list(sounds()))))

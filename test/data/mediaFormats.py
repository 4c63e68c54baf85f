"""
Writes the pictures and sounds of test/data/mediaFormats, and in expected.npz the values that PIL, soundfile and librosa read
from them: pictures upright (exif_transpose) and over white, as RGB; sounds as float32 [channels, samples].
Run: python test/data/mediaFormats.py, with pillow, numpy, soundfile, librosa and scikit-image. With the name of a folder,
everything is written there, and whole photographs beside it: the conformance command does so.
"""
import io, os, sys, zlib, struct
import numpy as np
from PIL import Image, ImageOps
import soundfile as sf
import librosa
from skimage import data

whole = len(sys.argv) > 1
here = sys.argv[1] if whole else os.path.join(os.path.dirname(os.path.abspath(__file__)), "mediaFormats")
os.makedirs(here, exist_ok=True)
expected = {}

W, H = 40, 24
y, x = np.mgrid[0:H, 0:W]
rgb = np.stack([x * 255 / (W - 1), y * 255 / (H - 1), 127 + 100 * np.sin(x / 5.0 + y / 7.0)], -1).astype(np.uint8)
rgb[4:10, 5:12] = [250, 20, 40]
alpha = np.clip((x + y) * 5, 0, 255).astype(np.uint8)
rgba = np.dstack([rgb, alpha])


def flat(image):
    image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image)
    return np.asarray(image.convert("RGB"))


def keep(name, expect=None):
    expected[name] = flat(Image.open(os.path.join(here, name))) if expect is None else expect


def save(name, image, **options):
    image.save(os.path.join(here, name), **options)
    keep(name)


def exif(n):
    e = Image.Exif()
    e[0x0112] = n
    return e.tobytes()


picture = Image.fromarray(rgb)
for n in range(1, 9):
    save(f"exif-{n}.jpg", picture, exif=exif(n), quality=92)
save("exif-6.png", picture, exif=exif(6))
save("exif-8.webp", picture, exif=exif(8), lossless=True)
save("exif-5.tif", picture, tiffinfo={0x0112: 5})
save("rgb.png", picture)
save("rgba.png", Image.fromarray(rgba))
save("grey-alpha.png", Image.fromarray(np.dstack([rgb[..., 0], alpha]), "LA"))
save("palette.png", picture.quantize(32))
palette = picture.quantize(16)
palette.save(os.path.join(here, "palette-alpha.png"), transparency=3)
keep("palette-alpha.png")
save("grey.png", Image.fromarray(rgb[..., 0]))
save("rgb.bmp", picture)
save("palette.bmp", picture.quantize(16))
save("two.bmp", picture.convert("1"))
save("grey.bmp", Image.fromarray(rgb[..., 0]))
save("rgb.gif", picture.quantize(64))
save("rgb.tif", picture)
save("rgba.tif", Image.fromarray(rgba), compression="tiff_lzw")
save("grey.jpg", Image.fromarray(rgb[..., 0]), quality=90)
save("rgb-444.jpg", picture, quality=90, subsampling=0)
save("rgb-420.jpg", picture, quality=90, subsampling=2)
save("progressive.jpg", picture, quality=85, progressive=True)
save("cmyk.jpg", picture.convert("CMYK"), quality=92)
save("lossy.webp", picture, quality=80)
save("rgb-422.jpg", picture, quality=90, subsampling=1)
save("odd.jpg", picture.crop((0, 0, 37, 21)), quality=90)
save("rgba.webp", Image.fromarray(rgba), lossless=True, exact=True)
smooth = Image.fromarray(np.stack([x * 2 + 60, y * 3, 255 - x - y], -1).astype(np.uint8))
save("rgb.avif", smooth, quality=80)

# Photographs of scikit-image, public domain and CC0. AVIF's colours lie at half the size (4:2:0) or at the full one.
chelsea = Image.fromarray(data.chelsea())
save("photograph.avif", chelsea.crop((120, 60, 216, 132)), quality=75)
if whole:
    photographs = {"chelsea": chelsea, "astronaut": data.astronaut(), "coffee": data.coffee(), "rocket": data.rocket()}
    for name, photograph in photographs.items():
        photograph = photograph if name == "chelsea" else Image.fromarray(photograph)
        save(f"{name}.png", photograph)
        save(f"{name}.jpg", photograph, quality=75)
        save(f"lossy-{name}.webp", photograph, quality=75)
        save(f"{name}-444.avif", photograph, quality=75, subsampling="4:4:4")
        save(f"{name}-420.avif", photograph, quality=75, subsampling="4:2:0")

# 16 bits a channel: PIL writes none in colour; a PNG by hand.
deep = (rgb.astype(np.uint16) << 8) | rgb[..., ::-1]
rows = b"".join(b"\0" + deep[i].astype(">u2").tobytes() for i in range(H))
chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
with open(os.path.join(here, "rgb-16.png"), "wb") as f:
    f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 16, 2, 0, 0, 0)))
    f.write(chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
keep("rgb-16.png")

# Sound: tones and a little noise below 0.4 of the lowest rate.
rng = np.random.default_rng(1)


def tones(rate, seconds=0.1, channels=1):
    t = np.arange(int(rate * seconds)) / rate
    fade = np.sin(np.pi * t / seconds) ** 2
    return np.stack(
        [fade * (0.4 * np.sin(2 * np.pi * (220 + 110 * c) * t) + 0.2 * np.sin(2 * np.pi * 1800 * t + c)) for c in range(channels)], -1
    )


def sound(name, rate, channels, **options):
    path = os.path.join(here, name)
    sf.write(path, tones(rate, channels=channels), rate, **options)
    data, found = sf.read(path, dtype="float32", always_2d=True)
    assert found == rate
    expected[name] = data.T


sound("mono-44100.wav", 44100, 1, subtype="PCM_16")
sound("stereo-48000.wav", 48000, 2, subtype="PCM_24")
sound("mono-8000-8.wav", 8000, 1, subtype="PCM_U8")
sound("float-22050.wav", 22050, 1, subtype="FLOAT")
sound("mono-44100.flac", 44100, 1, subtype="PCM_16")
sound("stereo-96000.flac", 96000, 2, subtype="PCM_24")
sound("mono-22050.ogg", 22050, 1, format="OGG", subtype="VORBIS")
sound("stereo-44100.ogg", 44100, 2, format="OGG", subtype="VORBIS")
sound("mono-44100.mp3", 44100, 1, format="MP3")
sound("stereo-22050.mp3", 22050, 2, format="MP3")
sound("mono-48000.opus", 48000, 1, format="OGG", subtype="OPUS")
for name in ["mono-44100.wav", "mono-8000-8.wav", "stereo-96000.flac"]:
    data, rate = sf.read(os.path.join(here, name), dtype="float32", always_2d=True)
    for target in (48000, 16000):
        expected[f"{name}@{target}"] = librosa.resample(data.T, orig_sr=rate, target_sr=target).astype(np.float32)
np.savez_compressed(os.path.join(here, "expected.npz"), **expected)
for name in sorted(os.listdir(here)): print(name, os.path.getsize(os.path.join(here, name)))

/**
 * Pictures, films and sound of people's files, `renga/media`: read as models take them, written, resized, resampled.
 * Readers need Node; a decoder is loaded when a file asks for it.
 */
export type { InputError } from '../data/inputError.js';
export type { Area, Picture } from './picture.js';
export { crop, onWhite, pictureOf } from './picture.js';
export { type PixelShape, pixelsOf } from './pixels.js';
export { parsePicture, readPicture, writePicture } from './readPicture.js';
export { resizeCubic, resizeLinear } from './resize.js';
export { countFrames, readFrames, writeFrames } from './film.js';
export type { FramesOptions } from './ffmpeg.js';
export { psnr } from './psnr.js';
export type { Sound } from './sound.js';
export type { SoundOptions } from './readSound.js';
export { parseSound, readFilmSound, readSound, writeSound } from './readSound.js';
export type { MelOptions } from './melSpectrogram.js';
export { melSpectrogram } from './melSpectrogram.js';
export { resample } from './resample.js';
export type { FlowField } from './flowFile.js';
export { formatFlo, formatKittiFlow, parseFlo, parseKittiFlow, readFlow, writeFlow } from './flowFile.js';

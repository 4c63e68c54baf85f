/**
 * Fetching what others published: files by address, repositories of model hubs by name, into a cache on the disk. For
 * Node alone; nothing here knows of models.
 */
export type { CachedFile, VerifiedFile } from './cache.js';
export { cachedFiles, removeCached, verifyCache } from './cache.js';
export type { Digest } from './digest.js';
export { showDigest } from './digest.js';
export type { FileOptions } from './download.js';
export { download } from './download.js';
export type { DownloadError } from './error.js';
export { showDownloadError } from './error.js';
export type { Obtained } from './obtain.js';
export type { Repository, RepositoryOptions } from './repository.js';
export { downloadRepository } from './repository.js';
export type { DownloadOptions } from './settings.js';

/** The functions that run the tasks of each kind of job, by number: one thread sets a job and others run it. */
import { adamPart } from './adam';
import { attend, packKeys } from './attention';
import { addParts, attentionBackChunk, attentionStats, packKeysBack, packQueries } from './attentionBack';
import { attentionHead } from './attentionHead';
import { drawBlocks } from './draw';
import { gatherRows, sumSegmentColumns } from './gather';
import { addShares, layerNormBackRows, layerNormRows } from './layerNorm';
import { mapPart } from './map';
import { multiplyBlock, packRight } from './matMul';
import { multiplyColumns, packLeft } from './matMulByColumns';
import { multiplyRows } from './matMulFewRows';
import { addToLines, extractRows } from './patches';
import { poolBackPart } from './poolBack';
import { reducePart } from './reduce';
import { softmaxBackRows, softmaxRows } from './softmax';
import { transposePart } from './transpose';
import { fourierPoints, wavePart } from './waves';

export const packRightTask: i32 = 0;
export const multiplyBlockTask: i32 = 1;
export const multiplyRowsTask: i32 = 2;
export const packKeysTask: i32 = 3;
export const attendTask: i32 = 4;
export const drawTask: i32 = 5;
export const mapTask: i32 = 6;
export const softmaxTask: i32 = 7;
export const softmaxBackTask: i32 = 8;
export const layerNormTask: i32 = 9;
export const layerNormBackTask: i32 = 10;
export const addSharesTask: i32 = 11;
export const reduceTask: i32 = 12;
export const transposeTask: i32 = 13;
export const gatherTask: i32 = 14;
export const sumSegmentsTask: i32 = 15;
export const waveTask: i32 = 16;
export const fourierTask: i32 = 17;
export const extractPatchesTask: i32 = 18;
export const addPatchesTask: i32 = 19;
export const packLeftTask: i32 = 20;
export const multiplyColumnsTask: i32 = 21;
export const packKeysBackTask: i32 = 22;
export const packQueriesTask: i32 = 23;
export const attentionStatsTask: i32 = 24;
export const attentionBackTask: i32 = 25;
export const addPartsTask: i32 = 26;
export const poolBackTask: i32 = 27;
export const adamTask: i32 = 28;
export const attentionHeadTask: i32 = 29;

export function runTask(kind: i32, index: i32, thread: i32): void {
  switch (kind) {
    case packRightTask:
      return packRight(index);
    case multiplyBlockTask:
      return multiplyBlock(index, thread);
    case multiplyRowsTask:
      return multiplyRows(index);
    case packKeysTask:
      return packKeys(index);
    case attendTask:
      return attend(index, thread);
    case drawTask:
      return drawBlocks(index, thread);
    case mapTask:
      return mapPart(index);
    case softmaxTask:
      return softmaxRows(index);
    case softmaxBackTask:
      return softmaxBackRows(index);
    case layerNormTask:
      return layerNormRows(index);
    case layerNormBackTask:
      return layerNormBackRows(index);
    case addSharesTask:
      return addShares(index);
    case reduceTask:
      return reducePart(index);
    case transposeTask:
      return transposePart(index);
    case gatherTask:
      return gatherRows(index);
    case sumSegmentsTask:
      return sumSegmentColumns(index);
    case waveTask:
      return wavePart(index);
    case fourierTask:
      return fourierPoints(index);
    case extractPatchesTask:
      return extractRows(index);
    case addPatchesTask:
      return addToLines(index);
    case packLeftTask:
      return packLeft(index);
    case multiplyColumnsTask:
      return multiplyColumns(index, thread);
    case packKeysBackTask:
      return packKeysBack(index);
    case packQueriesTask:
      return packQueries(index);
    case attentionStatsTask:
      return attentionStats(index, thread);
    case attentionBackTask:
      return attentionBackChunk(index, thread);
    case addPartsTask:
      return addParts(index);
    case poolBackTask:
      return poolBackPart(index);
    case adamTask:
      return adamPart(index);
    case attentionHeadTask:
      return attentionHead(index, thread);
  }
}

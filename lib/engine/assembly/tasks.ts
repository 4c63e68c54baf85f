/** Which function runs the tasks of each kind of job. Numbers, because a job is set by one thread and run by others. */
import { attend, packKeys } from './attention';
import { packRight, multiplyBlock, multiplyRows } from './matMul';

export const packRightTask: i32 = 0;
export const multiplyBlockTask: i32 = 1;
export const multiplyRowsTask: i32 = 2;
export const packKeysTask: i32 = 3;
export const attendTask: i32 = 4;

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
  }
}

/**
 * Films at another rate of frames: the frame that is shown at each moment. Frames are repeated or left out, never mixed,
 * and the choice is that of ffmpeg's filter `fps`, so that a film gives the same frames as a file and as a folder.
 */

/** The number of seconds that each frame is shown, in their order. */
export type Durations = readonly number[];

/** Durations of frames at an even rate. */
export const evenly = (count: number, framesPerSecond: number): Durations =>
  new Array<number>(count).fill(1 / framesPerSecond);

/** For each frame at a rate, the index of the film's frame that it shows; at least one for a film that has frames. */
export const shownAtRate = (durations: Durations, framesPerSecond: number): readonly number[] => {
  const shown: number[] = [];
  let seconds = 0;
  durations.forEach((duration, i) => {
    seconds += duration;
    // Sums of durations such as 0.1 are rounded to where their half frames are exact again.
    const end = Math.round(Number((seconds * framesPerSecond).toFixed(6)));
    while (shown.length < end) shown.push(i);
  });
  return shown.length > 0 || durations.length === 0 ? shown : [0];
};

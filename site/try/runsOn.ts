/** The line of a page that says what it runs on, with a link to run it on the other backend. */
import type { EngineInfo } from '../../lib/engine/index.js';
import { otherChoice, runsOn } from './backend.js';
import { byId, element } from './dom.js';

const names = { wasm: 'WebAssembly', webgpu: 'WebGPU' } as const;

/** Shows the backend of an engine. @param remark  said after it */
export const showRunsOn = (info: EngineInfo, remark = ''): void => {
  const other = otherChoice(info);
  const link = other && element('a', { href: `?backend=${other}` }, `Run it on ${names[other]}`);
  byId('runs-on', HTMLElement).replaceChildren(
    `Runs on: ${runsOn(info)}${remark}. `,
    ...(link ? [link] : []),
  );
};

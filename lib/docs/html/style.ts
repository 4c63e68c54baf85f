/**
 * The stylesheet of the whole site, as the text of a file: light and dark as the reader's system has it, on paper, from
 * 400 pixels on.
 */
import { diagramStyle } from '../svg/index.js';
import { base } from './style/base.js';
import { code } from './style/code.js';
import { frame } from './style/frame.js';
import { model } from './style/model.js';

/** The text of `style.css`. */
export const style = [base, frame, code, diagramStyle, model].join('\n');

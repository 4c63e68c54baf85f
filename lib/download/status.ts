/** Meanings of statuses other than success, for somebody who wants a file. */
import { Interruption, refuse } from './error.js';
import type { Answer, Place } from './request.js';

/** The longest pause that a server may ask for, in milliseconds; beyond it, the person is told instead. */
const longestPauseMs = 120_000;

const meanings: Readonly<Record<number, string>> = {
  400: 'bad request',
  401: 'not without a token',
  403: 'forbidden',
  404: 'not found',
  408: 'it waited too long for the question',
  410: 'gone',
  416: 'not the part that was asked for',
  425: 'too early',
  429: 'too many questions',
  500: 'it failed',
  502: 'the server behind it failed',
  503: 'not available now',
  504: 'the server behind it does not answer',
};

const passing = new Set([408, 425, 429, 500, 502, 503, 504]);

/** A status as people read it. */
const showStatus = (status: number): string =>
  `the server answered ${status}${meanings[status] === undefined ? '' : ` (${meanings[status]})`}`;

/** The wait that a `Retry-After` asks for, in milliseconds; it holds seconds or a date. */
export const pauseOf = (header: string | null, now = Date.now()): number | undefined => {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return 1000 * Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
};

/** Throws for every status that is no success: what passes as an interruption, the rest as a refusal. */
export const expectSuccess = ({ response: { status, headers } }: Answer, place: Place, hint = ''): void => {
  if (status === 200 || status === 206) return;
  const problem = showStatus(status);
  const pauseMs = pauseOf(headers.get('retry-after'));
  if (passing.has(status) && (pauseMs ?? 0) <= longestPauseMs) throw new Interruption(problem, pauseMs);
  const later = pauseMs === undefined ? '' : `, and asks to wait for ${Math.ceil(pauseMs / 1000)} s`;
  refuse({
    kind: 'status',
    url: place.url.href,
    path: place.path,
    status,
    problem: `${problem}${later}${hint && `; ${hint}`}`,
  });
};

/** Facts of a file that an answer states: its size, its digest, the tag by which it is known again. */
import { type Digest, digestOfGoogle, digestOfTag, showDigest } from './digest.js';
import { refuse } from './error.js';
import type { Notes } from './partialFile.js';
import type { Answer, Hop } from './request.js';

export type Facts = Omit<Notes, 'url'> & {
  /** The first byte of the part that is sent. */
  readonly from: number;
};

interface Asked {
  readonly url: URL;
  /** The hub, where it is one's file: its word on size and digest comes with the answer that leads elsewhere. */
  readonly hub?: URL;
}

const wholeNumber = (text: string | null | undefined): number | undefined =>
  text != null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

/** The hub's own answer: the first of its host that names a linked file, or else the last one. */
const hubHop = ({ hops }: Answer, hub: URL | undefined): Hop | undefined => {
  const own = hops.filter(({ origin }) => origin === hub?.origin);
  return own.find(({ headers }) => headers.has('x-linked-etag')) ?? own.at(-1);
};

const digestIn = (answer: Answer, hop: Hop | undefined): Digest | undefined =>
  digestOfTag(hop?.headers.get('x-linked-etag') ?? hop?.headers.get('etag') ?? null) ??
  digestOfGoogle(answer.response.headers.get('x-goog-hash'));

/** The facts of a successful answer; an answer that contradicts itself, or is no file, is refused. */
export const factsOf = (answer: Answer, asked: Asked): Facts => {
  const { headers, status } = answer.response;
  expectFile(headers, asked);
  const range = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15}|\*)$/.exec(headers.get('content-range') ?? '');
  if (status === 206 && !range)
    wrong(asked, 'content-range', headers.get('content-range'), 'bytes FROM-TO/SIZE');
  const size = wholeNumber(status === 206 ? range?.[2] : headers.get('content-length'));
  const hop = hubHop(answer, asked.hub);
  const linked = wholeNumber(hop?.headers.get('x-linked-size'));
  if (size !== undefined && linked !== undefined && size !== linked)
    wrong(asked, 'length', `${size} bytes`, `the ${linked} that the hub announces`);
  const tag = headers.get('etag') ?? undefined;
  return {
    from: status === 206 ? Number(range?.[1]) : 0,
    size: size ?? linked,
    digest: digestIn(answer, hop),
    ...(tag?.startsWith('"') && { tag }),
  };
};

/**
 * True if a part is of the same file as the parts before. Without a digest, by which the whole is checked, the server
 * must say so by the entity tag.
 */
export const isSameFile = (noted: Omit<Notes, 'url'>, found: Facts, isChecked: boolean): boolean => {
  const agree = <A>(a: A | undefined, b: A | undefined) => a === undefined || b === undefined || a === b;
  const [before, now] = [noted.digest, found.digest].map((digest) => digest && showDigest(digest));
  const isTold = isChecked || before !== undefined || (noted.tag !== undefined && noted.tag === found.tag);
  return isTold && agree(noted.size, found.size) && agree(noted.tag, found.tag) && agree(before, now);
};

const expectFile = (headers: Headers, asked: Asked): void => {
  const packing = headers.get('content-encoding') ?? 'identity';
  if (packing !== 'identity') wrong(asked, 'content-encoding', packing, 'none');
  const transfer = headers.get('transfer-encoding') ?? 'chunked';
  if (transfer.trim().toLowerCase() !== 'chunked')
    wrong(asked, 'transfer-encoding', transfer, 'none, or chunked');
  const type = headers.get('content-type') ?? '';
  if (/^text\/html\b/i.test(type))
    wrong(asked, 'content-type', type, 'a file; does a network ask to sign in first?');
};

const wrong = ({ url }: Asked, what: string, found: string | null, expected: string): never =>
  refuse({ kind: 'content', url: url.href, what, found: found ?? 'none', expected });

/**
 * One question to a server: redirects are followed, the token goes to its own host and no other, nothing goes from an
 * encrypted to an open address. What fails on the way is told as something that another try may mend, or may not.
 */
import type { IncomingMessage } from 'node:http';
import { Interruption, refuse } from './error.js';

/** A secret, and the only host that it is for. */
export interface Token {
  readonly value: string;
  readonly origin: string;
}

/** The file that is asked for, for messages. */
export interface Place {
  readonly url: URL;
  /** The path that the file would have. */
  readonly path?: string;
}

export interface Question extends Place {
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: Token;
  /** The redirects that are followed; all when not given. */
  readonly follows?: (next: URL) => boolean;
  readonly signal: AbortSignal;
}

/** An answer as Node's client has it, which knows whether its end has come. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** The contents, part by part; an interruption where the connection ends before them. */
  readonly body: () => AsyncIterable<Uint8Array>;
  /** Ends the connection. */
  readonly cancel: () => void;
}

export interface Answer {
  readonly response: Reply;
  /** Headers of the answers on the way, the last one's too, with the host that gave them. */
  readonly hops: readonly Hop[];
}

export interface Hop {
  readonly origin: string;
  readonly headers: Headers;
}

const mostRedirects = 10;

/** Asks; gives the last answer, whatever its status. */
export const ask = async (question: Question): Promise<Answer> => {
  const hops: Hop[] = [];
  let { url } = question;
  while (hops.length <= mostRedirects) {
    const response = await send(url, question);
    hops.push({ origin: url.origin, headers: response.headers });
    const next = redirectOf(response, url, question);
    if (!next || question.follows?.(next) === false) return { response, hops };
    response.cancel();
    url = next;
  }
  return fail(question, `more than ${mostRedirects} redirects`);
};

const fail = ({ url, path }: Place, problem: string): never =>
  refuse({ kind: 'network', url: url.href, path, problem });

const redirectOf = (response: Reply, from: URL, question: Question): URL | undefined => {
  const location = response.headers.get('location');
  if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return undefined;
  if (!URL.canParse(location, from)) fail(question, 'a redirect to what is no address');
  const next = new URL(location, from);
  if (!/^https?:$/.test(next.protocol)) fail(question, `a redirect to ${next.protocol}`);
  if (next.username !== '' || next.password !== '')
    fail(question, `a redirect with a password, to ${next.host}`);
  if (from.protocol === 'https:' && next.protocol === 'http:')
    fail(question, `a redirect to an open connection, to ${next.host}`);
  return next;
};

const send = async (url: URL, question: Question): Promise<Reply> => {
  const { method = 'GET', headers, signal } = question;
  // Packed on the way, a file has neither the length nor the parts that were asked for.
  const always = { 'accept-encoding': 'identity', 'user-agent': 'renga' };
  const all = { ...always, ...headers, ...authorization(url, question) };
  const { request } = await import(url.protocol === 'https:' ? 'node:https' : 'node:http');
  try {
    return await new Promise<Reply>((resolve, reject) => {
      const asking = (request as typeof import('node:http').request)(url, { method, headers: all, signal });
      asking.once('response', (message) => resolve(replyOf(message, signal, question)));
      asking.once('error', reject);
      asking.end();
    });
  } catch (thrown) {
    throw interruptionOf(thrown, signal, question);
  }
};

const replyOf = (message: IncomingMessage, signal: AbortSignal, question: Place): Reply => {
  const headers = new Headers();
  for (let i = 0; i < message.rawHeaders.length; i += 2)
    headers.append(message.rawHeaders[i], message.rawHeaders[i + 1]);
  return {
    status: message.statusCode ?? 0,
    headers,
    cancel: () => void message.destroy(),
    body: bodyOf(message, signal, question),
  };
};

/** Bytes that wait to be taken, beyond which the server waits too. */
const mostWaiting = 1 << 20;

/**
 * The contents of a message. They are taken as they come, from the first moment on: a stream that ends by an error throws
 * away what nobody has taken from it, and a server that cuts every answer would never be done.
 */
const bodyOf = (message: IncomingMessage, signal: AbortSignal, question: Place): Reply['body'] => {
  const chunks: Uint8Array[] = [];
  let [waiting, isOver, failure] = [0, false, undefined as unknown];
  let wake = (): void => undefined;
  const end = (thrown?: unknown): void => {
    if (!isOver) [isOver, failure] = [true, thrown];
    wake();
  };
  message.on('data', (chunk: Uint8Array) => {
    chunks.push(chunk);
    waiting += chunk.length;
    if (waiting > mostWaiting) message.pause();
    wake();
  });
  message.once('end', () => end());
  message.on('error', end);
  message.once('close', () => end());
  return async function* () {
    try {
      for (;;) {
        const chunk = chunks.shift();
        if (chunk) {
          waiting -= chunk.length;
          if (waiting <= mostWaiting) message.resume();
          yield chunk;
        } else if (isOver) break;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      message.destroy();
    }
    if (failure !== undefined) throw interruptionOf(failure, signal, question);
    if (!message.complete) throw new Interruption('the connection was lost');
  };
};

const authorization = (url: URL, { token, ...question }: Question): Record<string, string> => {
  if (token === undefined || url.origin !== token.origin) return {};
  if (url.protocol !== 'https:' && !isLoopback(url))
    fail(question, 'the token is not sent over an open connection; use an https address, or unset HF_TOKEN');
  return { authorization: `Bearer ${token.value}` };
};

const isLoopback = ({ hostname }: URL): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was lost',
  EAI_AGAIN: "the host's name could not be looked up",
  ETIMEDOUT: 'the host does not answer',
  ENETUNREACH: 'the network cannot be reached',
  EHOSTUNREACH: 'the host cannot be reached',
  EPIPE: 'the connection was lost',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection was lost',
  HPE_INVALID_CONSTANT: 'the answer is not HTTP',
};

/** Errors that no other try mends. */
const final: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no host of this name is known here',
  CERT_HAS_EXPIRED: "the host's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the host's certificate is its own; NODE_EXTRA_CA_CERTS names those to trust",
  SELF_SIGNED_CERT_IN_CHAIN:
    "the host's certificate is not trusted; NODE_EXTRA_CA_CERTS names those to trust",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "the host's certificate is not trusted; NODE_EXTRA_CA_CERTS names those to trust",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the host's certificate is not trusted; NODE_EXTRA_CA_CERTS names those to trust",
  ERR_TLS_CERT_ALTNAME_INVALID: "the host's certificate is another host's",
};

/** An error of the network as an interruption, which another try may mend; one that no try mends is refused. */
export const interruptionOf = (thrown: unknown, signal: AbortSignal, question: Place): unknown => {
  if (signal.aborted) return signal.reason;
  if (!(thrown instanceof Error) || !('code' in thrown)) return thrown;
  const code = String(thrown.code);
  if (Object.hasOwn(final, code)) fail(question, final[code]);
  return new Interruption(reasons[code] ?? `the connection failed (${code})`);
};

/**
 * A server on this machine that does what servers on the network do, and what they should not: it serves parts of
 * files, breaks off, lies, refuses, sends elsewhere, as each test says.
 */
import { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type t from 'tap';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A request. */
export interface Question {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export interface Server {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  /** The same server by another name, and so another host. */
  readonly elsewhere: string;
  /** Everything that was asked so far. */
  readonly asked: Question[];
}

/** Serves until the test ends. */
export const serve = async (test: Pick<typeof t, 'teardown'>, handler: Handler): Promise<Server> => {
  const asked: Question[] = [];
  const server = createServer((request, response) => {
    asked.push({ method: `${request.method}`, path: `${request.url}`, headers: request.headers });
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, elsewhere: `http://localhost:${port}`, asked };
};

/** Handlers one after the other, a request each; the last one for all that follow. */
export const inTurn = (...handlers: readonly Handler[]): Handler => {
  let next = 0;
  return (request, response) => handlers[Math.min(next++, handlers.length - 1)](request, response);
};

export interface Served {
  readonly tag?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A well-behaved answer: the file, or the part of it that is asked for if the tag is still right. */
export const file =
  (bytes: Uint8Array, { tag = '"1"', headers = {} }: Served = {}): Handler =>
  (request, response) => {
    const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    const isSame = request.headers['if-range'] === undefined || request.headers['if-range'] === tag;
    const always = { etag: tag, ...headers };
    if (from === undefined || !isSame) {
      response.writeHead(200, { 'content-length': bytes.length, ...always }).end(bytes);
    } else if (Number(from) >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    } else {
      const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
      const rest = bytes.subarray(Number(from));
      response.writeHead(206, { 'content-range': range, 'content-length': rest.length, ...always }).end(rest);
    }
  };

const reached = new EventEmitter();

/** To be told how far a download is, so that connections break where they should and not a little before. */
export const onReached = (done: number): void => void reached.emit(`${done}`);

/** Sends what is left up to a place in the file, and breaks the connection when it has arrived. */
export const breakOff = (response: ServerResponse, part: Uint8Array, place: number): void => {
  reached.once(`${place}`, () => response.destroy());
  response.write(part);
};

/** Announces the whole file, sends some of it, and breaks the connection. */
export const cut =
  (bytes: Uint8Array, length: number, { tag = '"1"', headers = {} }: Served = {}): Handler =>
  (_, response) => {
    response.writeHead(200, { 'content-length': bytes.length, etag: tag, ...headers });
    breakOff(response, bytes.subarray(0, length), length);
  };

/** A status and nothing else. */
export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Handler =>
  (_, response) =>
    void response.writeHead(code, headers).end();

/** Leaves the question unanswered. */
export const silence: Handler = () => {};

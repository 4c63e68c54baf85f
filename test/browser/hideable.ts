/**
 * A page that can be hidden as people hide one, by a tab in front of it. Playwright keeps the pages that it knows visible,
 * so that this one is in a context that it does not know, and is spoken to in the browser's own protocol.
 */
import type { Browser } from 'playwright-core';

export interface Hideable {
  /** The value of an expression, or of the promise that it is. */
  readonly evaluate: <A>(expression: string) => Promise<A>;
  /** Resolves when an expression of the document is true. */
  readonly until: (expression: string) => Promise<void>;
  /** Puts another tab in front of the page. */
  readonly hide: () => Promise<void>;
  readonly reload: () => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly id: number;
  readonly error?: { readonly message: string };
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
  };
}

/** A promise in the page that resolves when an expression is true, looked at after each change of the document. */
const seen = (expression: string): string => `new Promise((resolve, reject) => {
  const look = () => {
    try {
      if (!(${expression})) return;
      resolve();
    } catch (error) {
      reject(error);
    }
    changes.disconnect();
  };
  const changes = new MutationObserver(look);
  const kinds = { attributes: true, characterData: true, childList: true, subtree: true };
  changes.observe(document, kinds);
  for (const event of ['visibilitychange', 'readystatechange']) document.addEventListener(event, look);
  look();
})`;

/** Opens an address in a window of its own. */
export const openHideable = async (browser: Browser, url: string): Promise<Hideable> => {
  const system = await browser.newBrowserCDPSession();
  const { browserContextId } = await system.send('Target.createBrowserContext');
  const { targetId } = await system.send('Target.createTarget', { url, browserContextId });
  const { sessionId } = await system.send('Target.attachToTarget', { targetId, flatten: false });
  const waiting = new Map<number, (answer: Answer) => void>();
  let last = 0;
  system.on('Target.receivedMessageFromTarget', ({ message }) => {
    const answer = JSON.parse(message) as Answer;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  const send = async (method: string, params: object = {}): Promise<Answer> => {
    const id = ++last;
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    await system.send('Target.sendMessageToTarget', {
      sessionId,
      message: JSON.stringify({ id, method, params }),
    });
    return answered;
  };
  const evaluate = async <A>(expression: string): Promise<A> => {
    const asked = { expression, returnByValue: true, awaitPromise: true };
    const { result, error } = await send('Runtime.evaluate', asked);
    const problem = error?.message ?? result?.exceptionDetails?.exception?.description;
    if (problem !== undefined) throw new Error(problem);
    return result?.result?.value as A;
  };
  const until = (expression: string): Promise<void> =>
    evaluate<void>(seen(expression)).catch((error: Error) => {
      // The page was left while it was watched.
      if (/navigated|context/.test(error.message)) return until(expression);
      throw error;
    });
  const complete = "location.protocol !== 'about:' && document.readyState === 'complete'";
  await until(complete);
  return {
    evaluate,
    until,
    hide: async () => {
      await system.send('Target.createTarget', { url: 'about:blank', browserContextId });
      await until("document.visibilityState === 'hidden'");
    },
    reload: async () => {
      await evaluate('void (globalThis.isOld = true)');
      await send('Page.reload');
      await until(`globalThis.isOld === undefined && ${complete}`);
    },
    close: async () => {
      await system.send('Target.disposeBrowserContext', { browserContextId });
      await system.detach();
    },
  };
};
